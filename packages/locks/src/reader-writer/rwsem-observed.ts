/** Taking an rwsem while somebody looks on: attached hooks are told, and the debug mode. */
import { currentTask } from '@percpu/machine';
import type { Cpu, Sleeps, TaskStateCode } from '@percpu/machine';
import type { Ptr } from '@percpu/memory';
import {
  lockAbandoned,
  lockAcquire,
  lockAcquired,
  lockContended,
  lockKind,
} from '../debug/index.ts';
import type { LockKind } from '../debug/index.ts';
import { LockFlag } from '../lock-flags.ts';
import { countReader, RwSem, takeFree } from './rwsem-layout.ts';
import { rwsemReadSlow, rwsemWriteSlow } from './rwsem-slow.ts';

export const KIND: LockKind = lockKind({
  name: 'rwsem',
  family: 'rwsem',
  layout: RwSem,
  owner: 'task',
  sleeps: true,
});

export function* observedRead(
  cpu: Cpu,
  at: Ptr,
  state: TaskStateCode,
  flags: number,
  site: number,
): Sleeps<number> {
  lockAcquire(cpu, KIND, at, flags | LockFlag.read, site);
  let result = 0;
  if (!countReader(cpu, at)) {
    lockContended(cpu, KIND, at, site);
    result = yield* rwsemReadSlow(cpu, at, state);
  }
  ended(cpu, at, result, site);
  return result;
}

export function* observedWrite(
  cpu: Cpu,
  at: Ptr,
  state: TaskStateCode,
  flags: number,
  site: number,
  nest: Ptr,
): Sleeps<number> {
  lockAcquire(cpu, KIND, at, flags, site, nest);
  let result = 0;
  if (!takeFree(cpu, at, currentTask(cpu))) {
    lockContended(cpu, KIND, at, site);
    result = yield* rwsemWriteSlow(cpu, at, state);
  }
  ended(cpu, at, result, site);
  return result;
}

function ended(cpu: Cpu, at: Ptr, result: number, site: number): void {
  if (result === 0) lockAcquired(cpu, KIND, at, site);
  else lockAbandoned(cpu, KIND, at, site);
}

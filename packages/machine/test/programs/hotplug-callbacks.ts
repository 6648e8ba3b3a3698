import {
  cpuDown,
  cpuhpRemoveState,
  cpuhpSetupState,
  cpuUp,
  Errno,
  MAX_HOTPLUG_STATES,
  schedule,
} from '../../src/index.ts';
import type { Cpu, HotplugSectionName, Sleeps } from '../../src/index.ts';
import { sharedScratch } from './shared.ts';

const NAMES = ['p', 's', 'a', 'b', 'f'] as const;
const SECTIONS: Readonly<Record<string, HotplugSectionName>> = {
  p: 'prepare',
  s: 'starting',
  a: 'online',
  b: 'online',
  f: 'online',
};

/** The log: length, then entries of name, direction, CPU and failure, packed. */
function log(cpu: Cpu, name: number, up: boolean, about: number, failed: boolean): void {
  const at = sharedScratch(cpu);
  const index = cpu.memory.fetchAdd(at, 1);
  cpu.memory.store(at + 4 + index * 4, (name << 16) | (up ? 256 : 0) | (failed ? 128 : 0) | about);
}

function takeLog(cpu: Cpu): string[] {
  const { memory } = cpu;
  const at = sharedScratch(cpu);
  const length = memory.exchange(at, 0);
  const entries: string[] = [];
  for (let index = 0; index < length; index++) {
    const word = memory.load(at + 4 + index * 4);
    const failed = (word & 128) !== 0 ? '!' : '';
    entries.push(`${NAMES[word >>> 16]!}${(word & 256) !== 0 ? '+' : '-'}${word & 127}${failed}`);
  }
  return entries;
}

/** `fails`: the callback that returns -EBUSY for CPU 1, from the time it is armed. */
export function defineCallbacks(cpu: Cpu, args: { fails: string }): void {
  for (const [index, name] of NAMES.entries()) {
    for (const up of [true, false]) {
      const key = name + (up ? '+' : '-');
      const armed = sharedScratch(cpu) + 4096;
      const plain = (self: Cpu, about: number): number => {
        const fails = key === args.fails && about === 1 && self.memory.load(armed) === 1;
        log(self, index, up, about, fails);
        return fails ? Errno.EBUSY : 0;
      };
      const sleeping = function* (self: Cpu, about: number): Sleeps<number> {
        yield* schedule(self);
        return plain(self, about);
      };
      cpu.text.define(key, name === 's' ? plain : sleeping);
    }
  }
}

function* setUp(cpu: Cpu, name: string): Sleeps<number> {
  const { text } = cpu;
  return yield* cpuhpSetupState(cpu, {
    name,
    section: SECTIONS[name]!,
    startup: text.lookup(`${name}+`),
    teardown: text.lookup(`${name}-`),
  });
}

export function* downUp(cpu: Cpu): Sleeps<unknown> {
  // Not in the order of the sections: that is hotplug's business.
  for (const name of ['s', 'a', 'p', 'b']) yield* setUp(cpu, name);
  takeLog(cpu);
  cpu.memory.store(sharedScratch(cpu) + 4096, 1);
  const down = [yield* cpuDown(cpu, 1), ...takeLog(cpu)];
  const up = [yield* cpuUp(cpu, 1), ...takeLog(cpu)];
  return { down, up };
}

export function* setupAndRemove(cpu: Cpu): Sleeps<unknown> {
  cpu.memory.store(sharedScratch(cpu) + 4096, 1);
  const steps: unknown[] = [];
  const state = yield* setUp(cpu, 'b');
  steps.push(['set up', state >= 0, ...takeLog(cpu)]);
  steps.push(['removed', yield* cpuhpRemoveState(cpu, state), ...takeLog(cpu)]);
  steps.push(['removed again', yield* cpuhpRemoveState(cpu, state), ...takeLog(cpu)]);
  steps.push(['one fails', yield* setUp(cpu, 'f'), ...takeLog(cpu)]);
  let last = 0;
  for (let made = 0; made < MAX_HOTPLUG_STATES && last >= 0; made++) {
    last = yield* cpuhpSetupState(cpu, { name: `n${made}`, startup: 0, teardown: 0 });
  }
  steps.push(['table full', last]);
  return steps;
}

/**
 * Taking and releasing a spin lock while somebody looks on: attached hooks are told, and on checked
 * memory the holder is known, so that the plainest mistakes are a BUG instead of a hang.
 *
 * With hooks, as in Linux (LOCK_CONTENDED), one attempt comes before the wait, to tell a contended
 * acquisition from another. Without them the algorithm runs as it always does.
 */
import { bug } from '@percpu/machine';
import type { Cpu } from '@percpu/machine';
import { hex } from '@percpu/memory';
import type { Ptr } from '@percpu/memory';
import { LockFlag } from '../lock-flags.ts';
import type { SpinLockAlgorithm } from './spin-lock-type.ts';

export function observedLock(lock: SpinLockAlgorithm, cpu: Cpu, at: Ptr, site: number): void {
  const hooks = cpu.lockHooks;
  hooks?.acquire(at, lock.name, 0, site);
  if (ownerOf(lock, cpu, at) === cpu.id + 1)
    bug(cpu, `${lock.name} lock recursion${where(cpu, at)}`);
  if (hooks === null) lock.lock(cpu, at);
  else if (!lock.trylock(cpu, at)) {
    hooks.contended(at, lock.name, site);
    lock.lock(cpu, at);
  }
  setOwner(lock, cpu, at, cpu.id + 1);
  hooks?.acquired(at, lock.name, site);
}

export function observedTrylock(lock: SpinLockAlgorithm, cpu: Cpu, at: Ptr, site: number): boolean {
  // Linux: spin_acquire() after the attempt, because a failed one leaves no trace.
  if (!lock.trylock(cpu, at)) return false;
  setOwner(lock, cpu, at, cpu.id + 1);
  cpu.lockHooks?.acquire(at, lock.name, LockFlag.trylock, site);
  cpu.lockHooks?.acquired(at, lock.name, site);
  return true;
}

export function observedUnlock(lock: SpinLockAlgorithm, cpu: Cpu, at: Ptr): void {
  cpu.lockHooks?.release(at, lock.name, 0);
  if (cpu.memory.checked) {
    if (!lock.isLocked(cpu, at)) bug(cpu, `${lock.name} lock already unlocked${where(cpu, at)}`);
    const owner = ownerOf(lock, cpu, at);
    if (owner !== cpu.id + 1) {
      bug(
        cpu,
        `${lock.name} lock released by the wrong CPU${where(cpu, at)}, held by CPU#${owner - 1}`,
      );
    }
    setOwner(lock, cpu, at, 0);
  }
  lock.unlock(cpu, at);
}

function ownerOf(lock: SpinLockAlgorithm, cpu: Cpu, at: Ptr): number {
  return cpu.memory.checked ? cpu.memory.readOwn(at + lock.layout.owner) : 0;
}

function setOwner(lock: SpinLockAlgorithm, cpu: Cpu, at: Ptr, owner: number): void {
  if (cpu.memory.checked) cpu.memory.writeOwn(at + lock.layout.owner, owner);
}

function where(cpu: Cpu, at: Ptr): string {
  return ` on CPU#${cpu.id}, lock: ${hex(at)}`;
}

/**
 * Static keys: switches that are almost never thrown and asked all the time. Linux patches the branch
 * into the code; here every CPU keeps its own copy of the switch in an object of its own, so that
 * asking is one field of an object that no other CPU writes, and throwing it is an IPI to all.
 *
 *   const tracing = staticKey('tracing');                       // module-level constant
 *   const branch = staticBranch(cpu, tracing);                  // when the subsystem attaches
 *   if (branch.enabled) …                                       // on the hot path
 *   staticBranchEnable(cpu, tracing);                           // all CPUs see it on return
 */
import { warnOnce } from '../fault.ts';
import type { Cpu } from '../cpu.ts';
import { rawSpinLock, rawSpinUnlock } from '../raw-spinlock.ts';
import { refuseAtomicContext, trace, updateAllCpus } from './trace-registry.ts';

export interface StaticKey {
  /** Unique on the machine. */
  readonly name: string;
  /** Is it on before anybody threw it? The first CPU to use the key decides. */
  readonly initially: boolean;
}

/** One CPU's copy of a static key. */
export interface StaticBranch {
  readonly enabled: boolean;
}

/** Linux: DEFINE_STATIC_KEY_FALSE(), and with `initially` DEFINE_STATIC_KEY_TRUE(). */
export function staticKey(name: string, initially = false): StaticKey {
  if (name === '') throw new TypeError('staticKey: an empty name; accepted is any other string');
  return Object.freeze({ name, initially });
}

/** Linux: static_branch_unlikely(), the branch itself. This CPU's copy of `key`: get it once, keep it. Task context. */
export function staticBranch(cpu: Cpu, key: StaticKey): StaticBranch {
  return cpu.use(trace).branch(key);
}

/** Linux: static_branch_enable(). On every CPU when it returns. Task context, interrupts on. */
export function staticBranchEnable(cpu: Cpu, key: StaticKey): void {
  setCount(cpu, key, (count) => {
    warnOnce(cpu, count > 1, `static key ${key.name} enabled with a count of ${count}`);
    return Math.max(count, 1);
  });
}

/** Linux: static_branch_disable(). Off on every CPU when it returns. Task context, interrupts on. */
export function staticBranchDisable(cpu: Cpu, key: StaticKey): void {
  setCount(cpu, key, (count) => {
    warnOnce(cpu, count > 1, `static key ${key.name} disabled with a count of ${count}`);
    return 0;
  });
}

/** Linux: static_branch_inc(). On as long as anybody counts on it. Task context, interrupts on. */
export function staticBranchInc(cpu: Cpu, key: StaticKey): void {
  setCount(cpu, key, (count) => count + 1);
}

/** Linux: static_branch_dec(). Without a matching increment: a warning, and nothing else. */
export function staticBranchDec(cpu: Cpu, key: StaticKey): void {
  setCount(cpu, key, (count) => {
    warnOnce(cpu, count === 0, `static key ${key.name}: more decrements than increments`);
    return Math.max(count - 1, 0);
  });
}

/** Linux: static_key_count(). Any context. */
export function staticKeyCount(cpu: Cpu, key: StaticKey): number {
  const registry = cpu.use(trace);
  return cpu.memory.load(registry.countOf(key));
}

function setCount(cpu: Cpu, key: StaticKey, change: (count: number) => number): void {
  refuseAtomicContext(cpu, `static key ${key.name}`);
  const registry = cpu.use(trace);
  const countAt = registry.countOf(key);
  rawSpinLock(cpu, registry.lock);
  const before = cpu.memory.load(countAt);
  const after = change(before);
  // Pairs with the load in TraceRegistry.refresh, on every CPU that the IPI reaches.
  cpu.memory.store(countAt, after);
  if ((before === 0) !== (after === 0)) updateAllCpus(cpu, registry, registry.entryOf(key));
  rawSpinUnlock(cpu, registry.lock);
}

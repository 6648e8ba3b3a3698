/**
 * The seam of one simulated CPU. Code under control (a twin of @percpu/coroutine) reaches an access with the number of
 * its site in the control register; the clock then says whether the access takes place at once or the CPU stops in front
 * of it. An access without a site comes from code that cannot stop: that is refused, at the access itself.
 */
import { putOff, R, takeSite } from '@percpu/coroutine/runtime';
import type {
  AccessKind,
  Backend,
  LayoutInfo,
  LifeCheck,
  Memory,
  Ptr,
  WaitResult,
} from '@percpu/memory';
import { AccessCheck, hex } from '@percpu/memory';
import type { ForeignWord, PendingAccess, Value } from './access.ts';
import type { AccessClock } from './clock.ts';
import { Op as op, OPERATIONS } from './operations.ts';
import type { Effect } from './operations.ts';
import { PERFORM } from './perform.ts';
import type { SimulatedStore } from './store.ts';

export interface SimulatedMemoryOptions {
  /** What `Memory.checked` says: true makes mechanisms check more (owners, unlocks of free locks). Addresses are always checked. Default true. */
  readonly checked?: boolean;
}

export class SimulatedMemory implements Memory {
  readonly byteLength: number;
  readonly backend: Backend = 'controlled';
  readonly checked: boolean;
  readonly native: WebAssembly.Memory | undefined = undefined;
  readonly bytes: SimulatedStore;
  /** The CPU whose accesses these are. */
  readonly cpu: number;
  /** While true, nothing is under control: plain code sets up, its accesses take place at once. */
  immediate = true;
  // The access under way, or that the CPU has stopped in front of. Fields, not an object: nothing is allocated.
  op = 0;
  at: Ptr = 0;
  a: Value = 0;
  b: Value = 0;
  site = 0;
  foreign: ForeignWord | undefined = undefined;
  private readonly clock: AccessClock;
  private readonly check: AccessCheck;

  constructor(
    store: SimulatedStore,
    cpu: number,
    clock: AccessClock,
    { checked = true }: SimulatedMemoryOptions = {},
  ) {
    this.byteLength = store.byteLength;
    this.checked = checked;
    this.bytes = store;
    this.cpu = cpu;
    this.clock = clock;
    this.check = new AccessCheck(store.byteLength);
  }

  setLifeCheck(lifeCheck: LifeCheck | undefined): void {
    this.check.setLifeCheck(lifeCheck);
  }

  load(at: Ptr): number {
    return this.enter(op.load, at, 0, 0) as number;
  }
  load8(at: Ptr): number {
    return this.enter(op.load8, at, 0, 0) as number;
  }
  load16(at: Ptr): number {
    return this.enter(op.load16, at, 0, 0) as number;
  }
  load64(at: Ptr): number {
    return this.enter(op.load64, at, 0, 0) as number;
  }
  read(at: Ptr): number {
    return this.enter(op.read, at, 0, 0) as number;
  }
  readSigned(at: Ptr): number {
    return this.enter(op.readSigned, at, 0, 0) as number;
  }
  read8(at: Ptr): number {
    return this.enter(op.read8, at, 0, 0) as number;
  }
  read16(at: Ptr): number {
    return this.enter(op.read16, at, 0, 0) as number;
  }
  read64(at: Ptr): number {
    return this.enter(op.read64, at, 0, 0) as number;
  }
  readF64(at: Ptr): number {
    return this.enter(op.readF64, at, 0, 0) as number;
  }
  store(at: Ptr, value: number): void {
    return this.enter(op.store, at, value, 0) as void;
  }
  store8(at: Ptr, value: number): void {
    return this.enter(op.store8, at, value, 0) as void;
  }
  store16(at: Ptr, value: number): void {
    return this.enter(op.store16, at, value, 0) as void;
  }
  store64(at: Ptr, value: number): void {
    return this.enter(op.store64, at, value, 0) as void;
  }
  write(at: Ptr, value: number): void {
    return this.enter(op.write, at, value, 0) as void;
  }
  write8(at: Ptr, value: number): void {
    return this.enter(op.write8, at, value, 0) as void;
  }
  write16(at: Ptr, value: number): void {
    return this.enter(op.write16, at, value, 0) as void;
  }
  write64(at: Ptr, value: number): void {
    return this.enter(op.write64, at, value, 0) as void;
  }
  writeF64(at: Ptr, value: number): void {
    return this.enter(op.writeF64, at, value, 0) as void;
  }
  exchange(at: Ptr, value: number): number {
    return this.enter(op.exchange, at, value, 0) as number;
  }
  exchange8(at: Ptr, value: number): number {
    return this.enter(op.exchange8, at, value, 0) as number;
  }
  exchange16(at: Ptr, value: number): number {
    return this.enter(op.exchange16, at, value, 0) as number;
  }
  exchange64(at: Ptr, value: number): number {
    return this.enter(op.exchange64, at, value, 0) as number;
  }
  compareExchange(at: Ptr, expected: number, replacement: number): number {
    return this.enter(op.compareExchange, at, expected, replacement) as number;
  }
  compareExchange8(at: Ptr, expected: number, replacement: number): number {
    return this.enter(op.compareExchange8, at, expected, replacement) as number;
  }
  compareExchange16(at: Ptr, expected: number, replacement: number): number {
    return this.enter(op.compareExchange16, at, expected, replacement) as number;
  }
  compareExchange64(at: Ptr, expected: number, replacement: number): number {
    return this.enter(op.compareExchange64, at, expected, replacement) as number;
  }
  fetchAdd(at: Ptr, delta: number): number {
    return this.enter(op.fetchAdd, at, delta, 0) as number;
  }
  fetchAdd64(at: Ptr, delta: number): number {
    return this.enter(op.fetchAdd64, at, delta, 0) as number;
  }
  fetchAnd(at: Ptr, mask: number): number {
    return this.enter(op.fetchAnd, at, mask, 0) as number;
  }
  fetchOr(at: Ptr, mask: number): number {
    return this.enter(op.fetchOr, at, mask, 0) as number;
  }
  fetchXor(at: Ptr, mask: number): number {
    return this.enter(op.fetchXor, at, mask, 0) as number;
  }
  loadBig64(at: Ptr): bigint {
    return this.enter(op.loadBig64, at, 0, 0) as bigint;
  }
  storeBig64(at: Ptr, value: bigint): void {
    return this.enter(op.storeBig64, at, value, 0) as void;
  }
  compareExchangeBig64(at: Ptr, expected: bigint, replacement: bigint): bigint {
    return this.enter(op.compareExchangeBig64, at, expected, replacement) as bigint;
  }
  fetchAddBig64(at: Ptr, delta: bigint): bigint {
    return this.enter(op.fetchAddBig64, at, delta, 0) as bigint;
  }
  copy(to: Ptr, from: Ptr, bytes: number): void {
    return this.enter(op.copy, to, from, bytes) as void;
  }
  fill(at: Ptr, byte: number, bytes: number): void {
    return this.enter(op.fill, at, byte, bytes) as void;
  }
  wait(at: Ptr, expected: number, timeoutNs: number = Infinity): WaitResult {
    return this.enter(op.wait, at, expected, timeoutNs) as WaitResult;
  }
  notify(at: Ptr, count: number = Infinity): number {
    return this.enter(op.notify, at, count, 0) as number;
  }
  now(): number {
    return this.enter(op.now, 0, 0, 0) as number;
  }
  /** `b` of the access: turns, negative with `until`. */
  pause(at: Ptr = 0, value = 0, until = false, turns = 1): number | void {
    return this.enter(op.pause, at, value >>> 0, until ? -turns : turns) as number | void;
  }
  delay(ns: number): void {
    return this.enter(op.delay, 0, ns, 0) as void;
  }

  /** The explorer's own nondeterminism: one of 0 … `alternatives` − 1. Elsewhere 0. */
  choose(alternatives: number): number {
    return this.enter(op.choose, 0, alternatives, 0) as number;
  }

  readOwn(at: Ptr): number {
    this.clock.ownRead?.(at);
    return this.bytes.u32[at >>> 2]!;
  }
  writeOwn(at: Ptr, value: number): void {
    this.bytes.touch(at, 4);
    this.bytes.u32[at >>> 2] = value;
  }
  describe(at: Ptr, layout: LayoutInfo, name?: string): void {
    this.check.range('describe', at, layout.size, 'read');
    this.bytes.describe(at, layout, name);
  }

  /** Carries out the pending access and returns what it answers. Throws a `MemoryFault` for the code that asked. */
  perform(): unknown {
    const perform = PERFORM[this.op];
    const { foreign } = this;
    foreign?.fetch();
    if (perform === undefined) return this.clock.carryOut(this);
    // Of the copy first: clocks are told the raw word, whatever the array makes of it.
    const result = perform(this.bytes, this.at, this.a, this.b);
    const answer = foreign === undefined ? result : foreign.perform();
    this.clock.performed?.(this, result);
    return answer;
  }

  /**
   * An access (`number` of `Op`) of the code that runs now to a word of a user's own. Under control only. Returns its
   * answer, or YIELD.
   */
  through(
    foreign: ForeignWord,
    number: number,
    at: Ptr,
    a: number | bigint,
    b: number | bigint,
  ): unknown {
    return this.enter(number, at, a, b, foreign);
  }

  get pending(): PendingAccess {
    const { op: number, at, a, b, site, foreign } = this;
    return { op: number, at, a, b, site, foreign };
  }
  set pending(access: PendingAccess) {
    this.op = access.op;
    this.at = access.at;
    this.a = access.a;
    this.b = access.b;
    this.site = access.site;
    this.foreign = access.foreign;
  }

  /** Set-up: at once, and nothing that takes time or sleeps. */
  private performNow(number: number, at: Ptr, a: Value, b: Value): unknown {
    const perform = PERFORM[number];
    if (perform !== undefined) return perform(this.bytes, at, a, b);
    if (number === op.now) return this.clock.setUpTime;
    if (number === op.notify || number === op.choose) return 0;
    if (number !== op.wait) return undefined;
    if (this.bytes.u32[at >>> 2] !== (a as number) >>> 0) return 'not-equal';
    throw new Error(`set-up would sleep for ever: wait(${hex(at)}) outside of any simulated CPU`);
  }

  private checkAddress(number: number, at: Ptr, a: Value, b: Value): void {
    const { name, size, effect } = OPERATIONS[number]!;
    if (size !== 0) this.check.word(name, at, size, number === op.wait ? 'wait' : kindOf(effect));
    else if (number === op.copy) {
      this.check.range(name, a as number, b as number, 'read');
      this.check.range(name, at, b as number, 'write');
    } else if (number === op.fill) this.check.range(name, at, b as number, 'write');
  }

  private enter(number: number, at: Ptr, a: Value, b: Value, foreign?: ForeignWord): unknown {
    if (this.immediate) {
      R.site = 0;
      this.checkAddress(number, at, a, b);
      return this.performNow(number, at, a, b);
    }
    const site = takeSite();
    this.checkAddress(number, at, a, b);
    this.op = number;
    this.at = at;
    this.a = a;
    this.b = b;
    this.site = site;
    this.foreign = foreign;
    return this.clock.admit(this) ? this.perform() : putOff(site);
  }
}

function kindOf(effect: Effect): AccessKind {
  return effect === 'none' ? 'notify' : effect;
}

/**
 * One simulated CPU, as the code that runs on it sees it. One instance per CPU, used by one thread (or
 * coroutine) only. What others must be able to see of it (context, interrupt flag, what it does) lives
 * in its per-CPU area, so that a report can show a CPU that is stuck.
 *
 * A thread cannot be interrupted from outside: interrupts are taken where the CPU looks, which is in
 * `relax`, on enabling interrupts or preemption, in the idle loop, at each task switch, and when parked.
 */
import type { Memory, Ptr } from '@percpu/memory';
import { RELAX_BUDGET, SPIN_BUDGET } from './core-parameters.ts';
import { CounterOffset } from './counters.ts';
import type { CounterName } from './counters.ts';
import { CpuContext } from './cpu-context.ts';
import { bug } from './fault.ts';
import { NMI_BITS, TIMER_INTERRUPT } from './interrupt-bits.ts';
import { serviceInterrupts } from './interrupts.ts';
import type { InterruptHandler } from './interrupts.ts';
import { KernelText } from './kernel-text.ts';
import { PerCpuLayout } from './machine-layout.ts';
import type { CpuStateCode } from './machine-layout.ts';
import { areaOf } from './machine-info.ts';
import type { MachineInfo } from './machine-info.ts';
import { parameterValue } from './parameters.ts';
import type { Parameter, ParameterValue } from './parameters.ts';
import { bucketOf, ParkingBucket } from './parking-bucket.ts';
import { idleOnce, kickArea, unparkOneWaiter, unparkWaiters } from './parking.ts';
import { raiseInterrupt } from './raise.ts';
import type { Scheduler } from './scheduler.ts';
import type { Sleeps } from './sleeps.ts';
import { SpinWait } from './spin-wait.ts';
import { SubsystemViews } from './subsystem.ts';
import type { Subsystem } from './subsystem.ts';
import { unconnectedCoreTrace } from './trace/core-tracepoints.ts';
import type { CoreTrace } from './trace/core-tracepoints.ts';

const { heartbeat, pending, softirqPending, state } = PerCpuLayout;

export class Cpu extends CpuContext {
  /** This CPU's number. Linux: smp_processor_id(). */
  readonly id: number;
  /** CPUs the machine has room for. Linux: nr_cpu_ids. */
  readonly nrCpus: number;
  readonly machine: MachineInfo;
  /** Kernel text as this CPU knows it. */
  readonly text: KernelText;
  /** The debug mode of @percpu/locks on this CPU, theirs alone: null = off, undefined = nobody has asked yet. */
  lockDebug: unknown = undefined;
  /** What @percpu/locks keeps for this CPU, one load away from its fast paths. Theirs alone. */
  lockView: unknown = null;
  /** What @percpu/mm keeps for this CPU. Theirs alone. */
  mmView: unknown = null;
  slabView: unknown = null;
  /** Runs this CPU's tasks. Set by `attachCpu`. */
  scheduler!: Scheduler;
  /** Handlers by bit of the pending word. */
  readonly vectors: (InterruptHandler | undefined)[] = [];
  /**
   * Between the first and the last access of a sleep (parking.ts) no interrupt is taken: its handler may sleep too, in
   * a spin wait, and would overwrite the words by which this CPU is found. It is not lost: a CPU with one pending does
   * not fall asleep, and takes it when it is awake.
   */
  goingToSleep = false;
  /** The thread has an event loop and waits there for kicks: kickers always notify (join.ts). */
  restingInEventLoop = false;
  /** Set on a CPU that joined: ends its attendance. */
  onLeave: (() => void) | null = null;
  /** When the next timer interrupt is due, on the clock of `now()`. Set by `setNextEvent`. */
  nextEvent: number = Infinity;
  /** As `nextEvent`, but what a sleeping CPU must wake up for: without the tick. */
  nextWake: number = Infinity;
  /** This CPU's sites of the machine's own tracepoints. */
  readonly trace: CoreTrace = unconnectedCoreTrace();
  private readonly views: SubsystemViews = new SubsystemViews();
  private readonly spinWait: SpinWait;

  /** Use `attachCpu`. Touches no memory. */
  constructor(memory: Memory, machine: MachineInfo, id: number) {
    super(memory, areaOf(machine, id));
    this.id = id;
    this.nrCpus = machine.nrCpus;
    this.machine = machine;
    this.text = new KernelText(this);
    this.spinWait = new SpinWait(
      this,
      parameterValue(machine.parameters, SPIN_BUDGET),
      parameterValue(machine.parameters, RELAX_BUDGET),
    );
  }

  // ── interrupts ────────────────────────────────────────────────────────────────────────────

  /** Sets the handler of a bit of the pending word. At set-up of a subsystem; one handler a bit. */
  setVector(bit: number, handler: InterruptHandler): void {
    if (this.vectors[bit] !== undefined) bug(this, `interrupt ${bit} has a handler already`);
    this.vectors[bit] = handler;
  }

  /** Makes interrupt `bit` pending on CPU `target` and gets its attention. Any context. */
  raise(target: number, bit: number): void {
    const { ipiSendCpu } = this.trace;
    if (ipiSendCpu.enabled && target !== this.id) ipiSendCpu.fire(target, bit);
    raiseInterrupt(this.memory, this.machine, target, bit);
  }

  /** Is there an interrupt that this CPU would take now? One atomic load. */
  interruptPending(): boolean {
    const bits = this.memory.load(this.area + pending);
    return bits !== 0 && (!this.irqsDisabled() || (bits & NMI_BITS) !== 0);
  }

  /**
   * Looks for interrupts and takes them if they are on (the non-maskable ones always). Any context. May
   * be called anywhere; under the controlled clocks the scheduler does, between any two accesses.
   */
  override takeInterrupts(): void {
    if (this.goingToSleep) return;
    const { memory, area } = this;
    memory.writeOwn(area + heartbeat, memory.readOwn(area + heartbeat) + 1);
    if (this.nextEvent !== Infinity) this.checkEvent();
    if (this.interruptPending()) serviceInterrupts(this);
    this.runSoftirqs();
    if (this.needResched && !this.inAtomic()) this.preemptSchedule();
  }

  /** Linux: preempt_schedule(). Runs what is better than the running task, on top of it. */
  private preemptSchedule(): void {
    // Cleared first: a wake-up that comes while others run sets it again.
    this.needResched = false;
    if (!this.scheduler.preempt()) this.needResched = true;
  }

  /**
   * Linux: clockevents_program_event(). `atNs` on the clock of `now()`; Infinity = none. One event; the
   * earlier call is forgotten. A CPU that sleeps wakes up for `wakeNs`, which may be later.
   */
  setNextEvent(atNs: number, wakeNs: number = atNs): void {
    this.nextEvent = atNs;
    this.nextWake = wakeNs;
  }

  private checkEvent(): void {
    if (this.memory.now() < this.nextEvent) return;
    this.setNextEvent(Infinity);
    this.raise(this.id, TIMER_INTERRUPT);
  }

  // ── waiting ───────────────────────────────────────────────────────────────────────────────

  /**
   * Linux: cpu_relax(). One turn of a spin loop: a pause, a look for interrupts, a sign of life. Every
   * spin loop has one. A tight loop that goes on for long dozes now and then: use `waitWhileEquals`
   * where the wait is for a word. Any context.
   */
  relax(): void {
    const { memory, area } = this;
    memory.pause();
    memory.writeOwn(area + heartbeat, memory.readOwn(area + heartbeat) + 1);
    if (memory.load(area + pending) !== 0) this.takeInterrupts();
    this.spinWait.relaxed();
  }

  /**
   * Waits until the u32 at `at` is not `value`, and returns what it is then. Spins for up to
   * `spin.budget` turns, then sleeps, taking interrupts all the while if they are on. Whoever stores there calls
   * `unpark(at)` afterwards. Any context (in atomic context the wait had better be short).
   */
  waitWhileEquals(at: Ptr, value: number): number {
    const seen = this.memory.load(at);
    return seen !== value ? seen : this.spinWait.wait(at, value, false);
  }

  /** As `waitWhileEquals`, but until the u32 at `at` is `wanted`. `unpark(at, v)` wakes it only for its own v. */
  waitUntilEquals(at: Ptr, wanted: number): void {
    if (this.memory.load(at) !== wanted) this.spinWait.wait(at, wanted, true);
  }

  /**
   * The first half of `waitWhileEquals`: spins for at most `spin.budget` turns and returns the u32 at `at`, which may
   * still be `value`. For waiters that have something to do before they sleep. Any context.
   */
  spinWhileEquals(at: Ptr, value: number): number {
    return this.spinWait.spin(at, value, false);
  }

  /** The other half: sleeps at once, for as long as the u32 at `at` is `value`, and returns what it is then. Any context. */
  parkWhileEquals(at: Ptr, value: number): number {
    return this.spinWait.park(at, value, false);
  }

  /**
   * Wakes the CPUs parked on `at`. After the store that ends their wait; costs one load when nobody is.
   * With `value`, those in `waitUntilEquals` for another value sleep on. Any context.
   */
  unpark(at: Ptr, value?: number): void {
    const bucket = bucketOf(this.machine, at);
    // U2 of parking.ts: pairs with P3 of the waiter.
    if (this.memory.load(bucket + ParkingBucket.count) !== 0)
      unparkWaiters(this, bucket, at, value);
  }

  /**
   * Wakes one of the CPUs parked on `at`, unless one woken earlier is still on its way. For words that
   * anybody may take: waking all would be a stampede, and whoever takes it calls this again. Any context.
   */
  unparkOne(at: Ptr): void {
    const bucket = bucketOf(this.machine, at);
    // U2 of parking.ts: pairs with P3 of the waiter.
    if (this.memory.load(bucket + ParkingBucket.count) !== 0) unparkOneWaiter(this, bucket, at);
  }

  /** As `unpark`, for a word on which no CPU but `target` waits. Costs one load when it is awake. Any context. */
  unparkCpu(target: number, at: Ptr): void {
    const area = areaOf(this.machine, target);
    // U2 of parking.ts: pairs with P1 of the waiter.
    if (this.memory.load(area + PerCpuLayout.parkedAt) !== at) return;
    this.count('unparks');
    kickArea(this.memory, area);
  }

  /** Makes CPU `target` look around if it sleeps. The caller has made visible what it should see. Any context. */
  kick(target: number): void {
    kickArea(this.memory, areaOf(this.machine, target));
  }

  /** Sleeps until a kick, an interrupt or the next timer event, unless `hasWork()`. The idle loop's body. */
  idle(hasWork: () => boolean): void {
    this.count('idles');
    this.scheduler.hooks.idleEnter(this);
    // Soft irqs that raise themselves without end: tasks had their turn, now they have theirs.
    const raised = this.memory.readOwn(this.area + softirqPending) !== 0;
    idleOnce(this, hasWork, raised ? 0 : Infinity);
    this.scheduler.hooks.idleExit(this);
  }

  /** Nanoseconds until a sleeping CPU has to wake up for a timer, 0 when it is due, Infinity when there is none. */
  idleTimeout(): number {
    return this.nextWake === Infinity ? Infinity : Math.max(0, this.nextWake - this.memory.now());
  }

  /** Nanoseconds on the clock that all CPUs share. Linux: sched_clock(). */
  now(): number {
    return this.memory.now();
  }

  /** Linux: ndelay(). Work that touches nothing shared, for `ns` nanoseconds. */
  delay(ns: number): void {
    this.memory.delay(ns);
  }

  // ── what runs here ────────────────────────────────────────────────────────────────────────

  /** This CPU's view of a subsystem. The first CPU to ask creates its shared state, under the boot lock. May wait: not in NMIs. */
  use<View>(subsystem: Subsystem<View>): View {
    return this.views.use(this, subsystem);
  }

  /** The value of a boot parameter on this machine. */
  parameter<Value extends ParameterValue>(declared: Parameter<Value>): Value {
    return parameterValue(this.machine.parameters, declared);
  }

  /**
   * Runs code that may sleep to its end on this CPU, as part of the running task, and other tasks while it
   * sleeps. For plain callers in task context. Plain callers of one CPU that block at the same time go on in
   * the reverse order: who blocked last returns first.
   */
  block<T>(body: Sleeps<T>): T {
    return this.scheduler.block(body);
  }

  /** Adds to one of this CPU's counters. */
  count(name: CounterName, n = 1): void {
    const at = this.area + CounterOffset[name];
    this.memory.writeOwn(at, this.memory.readOwn(at) + n);
  }

  /** Says what this CPU does, for reports. */
  setState(code: CpuStateCode): void {
    this.memory.writeOwn(this.area + state, code);
  }
}

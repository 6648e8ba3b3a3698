/**
 * What a tracepoint costs while nobody listens, a static key that is off, and what timers cost.
 *
 *   node --conditions=@percpu/source packages/machine/bench/tracepoint.ts
 *
 * Two hot loops: one of arithmetic and a store, one of an atomic add through the seam. With and without
 * the question take turns in short rounds; shown is the median of the differences, in ns per turn, so
 * that other load on the host hits both alike. The loop without it contains a call that is never made:
 * V8 unrolls loops that contain none at all, and any `if (…) call()` ends that.
 */
import { stdout } from 'node:process';
import { createMemory, memblockAlloc } from '@percpu/memory';
import type { Memory, Ptr } from '@percpu/memory';
import {
  attachCpu,
  bringUpMachine,
  delTimer,
  HRTIMER_MODE_ABS,
  hrtimerCancel,
  hrtimerSetup,
  hrtimerStart,
  HrTimer,
  CLOCK_MONOTONIC,
  jiffies,
  localProbeRegister,
  modTimer,
  startCpu,
  staticBranch,
  staticKey,
  timerSetup,
  TimerList,
  tracepoint,
  traceSite,
} from '../src/index.ts';
import type { Cpu, StaticBranch, TraceSite } from '../src/index.ts';

const TURNS = 2_000_000;
const RUNS = 25;
/** Of the comparison of hot loops. */
const ROUND = 20_000;
const ROUNDS = 401;

const memory = createMemory({ bytes: 32 << 20, checked: false });
bringUpMachine(memory, { cpus: 1 });
const cpu: Cpu = attachCpu(memory, 0);
startCpu(cpu, { hostWork: false, exit: false, outstanding: 0 });
const at = memblockAlloc(memory, 128);
const point = tracepoint('bench', ['value:u32']);

function turned(value: number): number {
  let x = value;
  x ^= x << 13;
  x ^= x >>> 17;
  return x ^ (x << 5);
}

/** As a subsystem's view has it: what the hot path needs is in fields. */
class HotPath {
  readonly cpu: Cpu = cpu;
  readonly memory: Memory = memory;
  readonly at: Ptr = at;
  readonly site: TraceSite<readonly ['value:u32']> = traceSite(cpu, point);
  readonly branch: StaticBranch = staticBranch(cpu, staticKey('bench'));
  never = false;
}

type HotLoop = (hot: HotPath, turns: number) => void;

const store: Record<string, HotLoop> = {
  without(hot, turns) {
    const { never } = hot;
    for (let i = 0, x = 1; i < turns; i++) {
      x = turned(x);
      hot.memory.writeOwn(hot.at, x);
      if (never) hot.cpu.count('works');
    }
  },
  'tracepoint off, site in a field'(hot, turns) {
    for (let i = 0, x = 1; i < turns; i++) {
      x = turned(x);
      hot.memory.writeOwn(hot.at, x);
      if (hot.site.enabled) hot.site.fire(x);
    }
  },
  'tracepoint off, cpu.trace.x'(hot, turns) {
    for (let i = 0, x = 1; i < turns; i++) {
      x = turned(x);
      hot.memory.writeOwn(hot.at, x);
      if (hot.cpu.trace.softirqRaise.enabled) hot.cpu.trace.softirqRaise.fire(x);
    }
  },
  'static key off'(hot, turns) {
    for (let i = 0, x = 1; i < turns; i++) {
      x = turned(x);
      hot.memory.writeOwn(hot.at, x);
      if (hot.branch.enabled) hot.cpu.count('works');
    }
  },
};

const atomic: Record<string, HotLoop> = {
  without(hot, turns) {
    const { never } = hot;
    for (let i = 0; i < turns; i++) {
      hot.memory.fetchAdd(hot.at, 1);
      if (never) hot.cpu.count('works');
    }
  },
  'tracepoint off, site in a field'(hot, turns) {
    for (let i = 0; i < turns; i++) {
      hot.memory.fetchAdd(hot.at, 1);
      if (hot.site.enabled) hot.site.fire(i);
    }
  },
  'tracepoint off, cpu.trace.x'(hot, turns) {
    for (let i = 0; i < turns; i++) {
      hot.memory.fetchAdd(hot.at, 1);
      if (hot.cpu.trace.softirqRaise.enabled) hot.cpu.trace.softirqRaise.fire(i);
    }
  },
  'static key off'(hot, turns) {
    for (let i = 0; i < turns; i++) {
      hot.memory.fetchAdd(hot.at, 1);
      if (hot.branch.enabled) hot.cpu.count('works');
    }
  },
};

const hot = new HotPath();

function nsPerTurn(loop: HotLoop, turns: number): number {
  const start = memory.now();
  loop(hot, turns);
  return (memory.now() - start) / turns;
}

function median(values: number[]): number {
  values.sort((a, b) => a - b);
  return values[values.length >>> 1]!;
}

function compareLoops(title: string, loops: Record<string, HotLoop>): void {
  const { without, ...others } = loops;
  for (const loop of Object.values(loops)) for (let i = 0; i < 30; i++) nsPerTurn(loop, ROUND);
  const bare: number[] = [];
  const differences = new Map<string, number[]>(Object.keys(others).map((name) => [name, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, loop] of Object.entries(others)) {
      const base = nsPerTurn(without!, ROUND);
      bare.push(base);
      differences.get(name)!.push(nsPerTurn(loop, ROUND) - base);
    }
  }
  row(`${title}: without`, median(bare));
  for (const [name, values] of differences) row(`  + ${name}`, median(values));
}

function fastest(loop: (turns: number) => void, turns: number): number {
  let best = Infinity;
  for (let run = 0; run < RUNS; run++) {
    const start = memory.now();
    loop(turns);
    best = Math.min(best, (memory.now() - start) / turns);
  }
  return best;
}

function row(name: string, ns: number): void {
  stdout.write(`${name.padEnd(52)} ${ns.toFixed(2).padStart(8)} ns\n`);
}

compareLoops('arithmetic and a store', store);
compareLoops('an atomic add', atomic);
const listen = (): void => undefined;
localProbeRegister(cpu, point, listen);
const firing = fastest(
  (turns) => store['tracepoint off, site in a field']!(hot, turns),
  TURNS / 20,
);
row('tracepoint on, one local probe that does nothing', firing);

const noop = cpu.text.define('noop', () => 0);
const timers = Array.from({ length: 1000 }, () => {
  const timer = memblockAlloc(memory, TimerList.size, TimerList.align);
  timerSetup(cpu, timer, noop);
  return timer;
});
const hrtimer = memblockAlloc(memory, HrTimer.size, HrTimer.align);
hrtimerSetup(cpu, hrtimer, noop, CLOCK_MONOTONIC, HRTIMER_MODE_ABS);
const far = jiffies(cpu) + 1e6;

function armAndDelete(turns: number): void {
  for (let i = 0; i < turns; i++) {
    const timer = timers[(i * 7919) % timers.length]!;
    modTimer(cpu, timer, far + ((i * 104_729) % 5000));
    delTimer(cpu, timer);
  }
}
function moveAmongMany(turns: number): void {
  for (let i = 0; i < turns; i++) {
    modTimer(cpu, timers[(i * 7919) % timers.length]!, far + ((i * 104_729) % 5000));
  }
}
function startAndCancel(turns: number): void {
  for (let i = 0; i < turns; i++) {
    hrtimerStart(cpu, hrtimer, 1e15, HRTIMER_MODE_ABS);
    hrtimerCancel(cpu, hrtimer);
  }
}

row('modTimer + delTimer, nothing else queued', fastest(armAndDelete, TURNS / 50));
row('modTimer of a queued timer, 1000 queued', fastest(moveAmongMany, TURNS / 50));
row('hrtimerStart + hrtimerCancel', fastest(startAndCancel, TURNS / 50));

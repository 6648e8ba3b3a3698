/** Stories that a right rt-mutex and a busted one go through alike: what is told of the former is found of the latter. */
import type { Program, World } from '@percpu/experiment';
import { Errno } from '@percpu/machine';
import type { Cpu, Sleeps } from '@percpu/machine';
import {
  begin,
  enter,
  expectOver,
  expectPrio,
  reach,
  untilAsleep,
  untilLent,
  untilStage,
} from './support.ts';
import type { RtLock, RtState } from './support.ts';

type Code = (p: Program<Cpu>, state: RtState) => Sleeps<void>;

export interface Story {
  readonly programs: readonly Code[];
  readonly after: (world: World<Cpu>, state: RtState) => void;
}

/** Takes the lock once, with this priority, and has it afterwards. */
const once = (rt: RtLock, rtPriority: number): Code =>
  function* (p, state) {
    begin(p, state, rtPriority);
    yield* rt.lock(p.cpu, state.one);
    enter(p, state);
    rt.unlock(p.cpu, state.one);
    expectPrio(p, rtPriority);
  };

/** Each takes the lock once. */
export const excludes = (rt: RtLock, priorities: readonly number[]): Story => ({
  programs: priorities.map((priority) => once(rt, priority)),
  after: (world, state) => expectOver(world, state, priorities.length),
});

/** Waits, having the priority, until the owner is there, and says which place it got. */
const queued = (rt: RtLock, rtPriority: number, after: number | undefined): Code =>
  function* (p, state) {
    untilStage(p, state, 1);
    if (after !== undefined) untilAsleep(p, state, after);
    begin(p, state, rtPriority);
    yield* rt.lock(p.cpu, state.one);
    p.see(`cpu${p.id}`, enter(p, state));
    rt.unlock(p.cpu, state.one);
    expectPrio(p, rtPriority);
  };

/** CPU 1 comes first, CPU 2 is better. The owner waits for both, and wants the lock again at once. */
export const bestFirst = (rt: RtLock): Story => ({
  programs: [
    function* (p, state) {
      begin(p, state, 0);
      yield* rt.lock(p.cpu, state.one);
      reach(p, state, 1);
      untilAsleep(p, state, 1);
      untilAsleep(p, state, 2);
      rt.unlock(p.cpu, state.one);
      expectPrio(p, 0);
      yield* rt.lock(p.cpu, state.one);
      p.see('cpu0', enter(p, state));
      rt.unlock(p.cpu, state.one);
    },
    queued(rt, 10, undefined),
    queued(rt, 20, 1),
  ],
  after: (world, state) => expectOver(world, state, 3),
});

/** CPU 0 holds one; CPU 1 holds two and waits for one; CPU 2, the best, waits for two. */
export const chain = (rt: RtLock): Story => ({
  programs: [
    function* (p, state) {
      begin(p, state, 0);
      yield* rt.lock(p.cpu, state.one);
      reach(p, state, 1);
      untilLent(p, 20);
      enter(p, state);
      rt.unlock(p.cpu, state.one);
      expectPrio(p, 0);
    },
    function* (p, state) {
      begin(p, state, 10);
      untilStage(p, state, 1);
      yield* rt.lock(p.cpu, state.two);
      reach(p, state, 2);
      yield* rt.lock(p.cpu, state.one);
      enter(p, state);
      rt.unlock(p.cpu, state.one);
      // It has what CPU 2 waits for.
      expectPrio(p, 20);
      rt.unlock(p.cpu, state.two);
      expectPrio(p, 10);
    },
    function* (p, state) {
      begin(p, state, 20);
      untilStage(p, state, 2);
      yield* rt.lock(p.cpu, state.two);
      rt.unlock(p.cpu, state.two);
      expectPrio(p, 20);
    },
  ],
  after: (world, state) => expectOver(world, state, 2),
});

/** The owner of both locks gives one back, and keeps what the waiter for the other lent. */
export const twoLenders = (rt: RtLock): Story => ({
  programs: [
    function* (p, state) {
      begin(p, state, 0);
      yield* rt.lock(p.cpu, state.one);
      yield* rt.lock(p.cpu, state.two);
      reach(p, state, 1);
      untilLent(p, 20);
      untilAsleep(p, state, 1);
      rt.unlock(p.cpu, state.one);
      expectPrio(p, 20);
      rt.unlock(p.cpu, state.two);
      expectPrio(p, 0);
    },
    function* (p, state) {
      untilStage(p, state, 1);
      begin(p, state, 10);
      yield* rt.lock(p.cpu, state.one);
      rt.unlock(p.cpu, state.one);
    },
    function* (p, state) {
      untilStage(p, state, 1);
      begin(p, state, 20);
      yield* rt.lock(p.cpu, state.two);
      rt.unlock(p.cpu, state.two);
    },
  ],
  after: (world, state) => expectOver(world, state, 0),
});

/** How a wait with a limit ends. */
export type TimedLock = (cpu: Cpu, at: number) => Sleeps<number>;

/** CPU 0 holds the lock until CPU 1 has given up, and then has its own priority, or that of CPU 2, which goes on waiting. */
export const givesUp = (rt: RtLock, timed: TimedLock, stays: number | undefined): Story => ({
  programs: [
    function* (p, state) {
      begin(p, state, 0);
      yield* rt.lock(p.cpu, state.one);
      reach(p, state, 1);
      untilStage(p, state, 2);
      if (stays !== undefined) untilLent(p, stays);
      expectPrio(p, stays ?? 0);
      rt.unlock(p.cpu, state.one);
      expectPrio(p, 0);
    },
    function* (p, state) {
      untilStage(p, state, 1);
      if (stays !== undefined) untilAsleep(p, state, 2);
      begin(p, state, 20);
      p.see('result', yield* timed(p.cpu, state.one));
      reach(p, state, 2);
      expectPrio(p, 20);
    },
    ...(stays === undefined
      ? []
      : [
          function* (p: Program<Cpu>, state: RtState): Sleeps<void> {
            untilStage(p, state, 1);
            begin(p, state, stays);
            yield* rt.lock(p.cpu, state.one);
            rt.unlock(p.cpu, state.one);
          },
        ]),
  ],
  after: (world, state) => expectOver(world, state, 0),
});

/** Two tasks take the two locks in opposite order; who hears of a deadlock gives back what it has. */
export const crosswise = (rt: RtLock, lockOrFail: TimedLock): Story => {
  const takes = (first: 'one' | 'two', second: 'one' | 'two'): Code =>
    function* (p, state) {
      yield* rt.lock(p.cpu, state[first]);
      const result = yield* lockOrFail(p.cpu, state[second]);
      if (result !== 0 && result !== Errno.EDEADLK) throw new Error(`the lock gave ${result}`);
      if (result === 0) rt.unlock(p.cpu, state[second]);
      rt.unlock(p.cpu, state[first]);
      expectPrio(p, 0);
    };
  return {
    programs: [takes('one', 'two'), takes('two', 'one')],
    after: (world, state) => expectOver(world, state, 0),
  };
};

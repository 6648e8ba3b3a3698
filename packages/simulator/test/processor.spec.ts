import { describe, expect, test } from 'vitest';
import { R, twin, YIELD } from '@percpu/coroutine/runtime';
import type { Yield } from '@percpu/coroutine/runtime';
import type { Memory, Ptr } from '@percpu/memory';
import { BLOCKED, OPERATIONS, Processor, SimulatedMemory, SimulatedStore } from '../src/index.ts';
import type { AccessClock } from '../src/index.ts';

const X: Ptr = 0x2000;
const Y: Ptr = 0x2004;

/** What the transform makes of `memory.method(...args)`, by hand. */
function* access(method: () => unknown): Generator<Yield, unknown, unknown> {
  R.site = 1;
  const value = method();
  return value === YIELD ? yield YIELD : value;
}

type Body = (memory: Memory) => Generator<Yield, unknown>;

function controlled(body: Body): (memory: Memory) => unknown {
  return twin(() => {
    throw new Error('the plain form is not for simulated CPUs');
  }, body as never);
}

const increment = controlled(function* (memory) {
  const seen = (yield* access(() => memory.load(X))) as number;
  yield* access(() => memory.store(X, seen + 1));
  return seen;
});

function makeProcessor(clock: Partial<AccessClock> = {}): Processor {
  const memory = new SimulatedMemory(new SimulatedStore(1 << 16), 0, {
    admit: () => false,
    carryOut: () => BLOCKED,
    setUpTime: 0,
    ...clock,
  });
  memory.immediate = false;
  return new Processor(memory);
}

const nextOf = ({ memory }: Processor): string => `${OPERATIONS[memory.op]!.name} ${memory.at - X}`;

describe('a processor', () => {
  test('stops in front of each access, and goes on when told', () => {
    const cpu = makeProcessor();
    cpu.start(increment, undefined, [cpu.memory]);
    expect([cpu.state, nextOf(cpu)]).toEqual(['ready', 'load 0']);
    cpu.step();
    expect([cpu.state, nextOf(cpu)]).toEqual(['ready', 'store 0']);
    expect(cpu.memory.bytes.u32[X >>> 2]).toBe(0);
    cpu.step();
    expect([cpu.state, cpu.result]).toEqual(['done', 0]);
    expect(cpu.memory.bytes.u32[X >>> 2]).toBe(1);
  });

  test('goes on without stopping where the clock lets it', () => {
    const cpu = makeProcessor({ admit: () => true });
    cpu.start(increment, undefined, [cpu.memory]);
    expect([cpu.state, cpu.result]).toEqual(['done', 0]);
  });

  test('an interrupt covers what was stopped, which then goes on as if nothing had been', () => {
    const cpu = makeProcessor();
    const seen: string[] = [];
    const handler = controlled(function* (memory) {
      yield* access(() => memory.store(Y, 9));
    });
    cpu.start(increment, undefined, [cpu.memory]);
    cpu.step();
    cpu.interrupt(handler, undefined, [cpu.memory]);
    seen.push(nextOf(cpu), String(cpu.depth));
    cpu.interrupt(handler, undefined, [cpu.memory]);
    seen.push(nextOf(cpu), String(cpu.depth));
    cpu.step();
    cpu.step();
    seen.push(nextOf(cpu), String(cpu.depth));
    expect(seen).toEqual(['store 4', '2', 'store 4', '3', 'store 0', '1']);
    cpu.step();
    expect([cpu.state, cpu.result]).toEqual(['done', 0]);
  });

  test('an interrupt whose handler touches nothing leaves at once', () => {
    const cpu = makeProcessor();
    cpu.start(increment, undefined, [cpu.memory]);
    cpu.interrupt(() => 5, undefined, []);
    expect([cpu.depth, nextOf(cpu)]).toEqual([1, 'load 0']);
  });

  test('a wait that blocks is ended by wake', () => {
    const cpu = makeProcessor();
    const sleeper = controlled(function* (memory) {
      return yield* access(() => memory.wait(X, 0));
    });
    cpu.start(sleeper, undefined, [cpu.memory]);
    cpu.step();
    expect(cpu.state).toBe('blocked');
    cpu.wake('ok');
    expect([cpu.state, cpu.result]).toEqual(['done', 'ok']);
  });

  test('code that throws fails the processor, which can be started again', () => {
    const cpu = makeProcessor();
    const thrower = controlled(function* (memory) {
      yield* access(() => memory.load(X));
      throw new Error('on purpose');
    });
    cpu.start(thrower, undefined, [cpu.memory]);
    cpu.step();
    expect([cpu.state, String(cpu.error)]).toEqual(['failed', 'Error: on purpose']);
    cpu.start(increment, undefined, [cpu.memory]);
    expect(cpu.state).toBe('ready');
  });
});

describe('what cannot be controlled is seen', () => {
  test.each<[string, Body, RegExp]>([
    [
      'an access of plain code',
      function* (memory) {
        return memory.load(X);
      },
      /outside a controlled frame/,
    ],
    [
      'an access whose answer was taken for a value',
      function* (memory) {
        R.site = 1;
        memory.load(X);
        yield* access(() => memory.load(Y));
      },
      /outside a controlled frame/,
    ],
    [
      'a task that gives the CPU up where no scheduler runs it',
      function* () {
        yield undefined as never;
      },
      /outside of a scheduler/,
    ],
  ])('%s', (_title, body, message) => {
    const cpu = makeProcessor();
    cpu.start(controlled(body), undefined, [cpu.memory]);
    expect(cpu.state).toBe('failed');
    expect(String(cpu.error)).toMatch(message);
  });

  test('what it is not ready for is refused', () => {
    const cpu = makeProcessor();
    const refused = 'CPU 0 is done; accepted is one that is';
    expect(() => cpu.interrupt(increment, undefined, [])).toThrow(`interrupt: ${refused} ready`);
    expect(() => cpu.step()).toThrow(`step: ${refused} ready`);
    expect(() => cpu.wake('ok')).toThrow(`wake: ${refused} blocked`);
    cpu.start(increment, undefined, [cpu.memory]);
    expect(() => cpu.start(increment, undefined, [])).toThrow(
      'start: CPU 0 is ready; accepted is one that is done or has failed',
    );
  });
});

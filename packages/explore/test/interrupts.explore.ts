/** Interrupts as choices: an exhaustive search sees every place where one may arrive, and what its handler finds there. */
import fc from 'fast-check';
import { exploration, outcomeText } from '@percpu/experiment';
import type { Exploration, Program, World } from '@percpu/experiment';
import type { Cpu } from '@percpu/machine';
import type { Ptr } from '@percpu/memory';
import { describe, expect, test } from 'vitest';
import { search } from '../src/index.ts';
import { allRuns } from './support/all-runs.ts';
import type { SearchResult } from '../src/index.ts';

/** A vector that the machine does not use. */
const BIT = 20;

interface State {
  /** Words in lines of their own. */
  readonly x: Ptr;
  readonly y: Ptr;
  /** What the handlers of each CPU saw: a digit for each value, that plus one. */
  readonly log: Ptr;
}

type Step = 'raise' | 'x = 1' | 'x' | 'y' | 'y += 1' | 'irqs off' | 'irqs on' | 'spin';

/** One step of a program or a handler; what it reads goes to `saw`. */
function run(cpu: Cpu, step: Step, { x, y }: State, saw: (value: number) => void): void {
  const { memory } = cpu;
  if (step === 'raise') cpu.raise(1 - cpu.id, BIT);
  else if (step === 'x = 1') memory.store(x, 1);
  else if (step === 'x') saw(memory.load(x));
  else if (step === 'y') saw(memory.load(y));
  else if (step === 'y += 1') saw(memory.fetchAdd(y, 1));
  else if (step === 'irqs off') cpu.localIrqDisable();
  else if (step === 'irqs on') cpu.localIrqEnable();
  else while (memory.load(x) === 0) cpu.relax();
}

function interrupted(
  programs: readonly (readonly Step[])[],
  handler: readonly Step[],
): Exploration {
  return exploration<State, Cpu>({
    name: 'interrupted',
    title: 'interrupted',
    description: 'Programs and a handler of the tests.',
    on: 'machine',
    cpus: 2,
    setup({ alloc, cpus }: World<Cpu>) {
      const state: State = { x: alloc(4), y: alloc(4), log: alloc(8) };
      for (const cpu of cpus) {
        const at = state.log + cpu.id * 4;
        cpu.setVector(BIT, () => {
          for (const step of handler) {
            run(cpu, step, state, (value) => {
              cpu.memory.writeOwn(at, cpu.memory.readOwn(at) * 10 + value + 1);
            });
          }
        });
      }
      return state;
    },
    programs: programs.map((steps) => (p: Program<Cpu>, state: State): void => {
      let read = 0;
      for (const step of steps) {
        run(p.cpu, step, state, (value) => p.see(`${p.id}.${read++}`, value));
      }
    }),
    after({ memory, seen }, { log }) {
      const all = seen as Record<string, number>;
      for (const cpu of [0, 1]) all[`handler${cpu}`] = memory.read(log + cpu * 4);
    },
  });
}

const outcomes = ({ outcomes: seen }: SearchResult): string[] => [...seen.keys()].sort();

test('arrives between any two accesses, and only after it was raised', () => {
  const found = search(interrupted([['raise'], ['x = 1', 'y', 'x', 'y += 1']], ['x', 'y += 1']));
  expect(found.exhausted).toBe(true);
  expect(found.failures).toEqual([]);
  expect(outcomes(found)).toEqual(
    [
      { '1.0': 0, '1.1': 1, '1.2': 0, handler0: 0, handler1: 22 },
      { '1.0': 0, '1.1': 1, '1.2': 1, handler0: 0, handler1: 21 },
      { '1.0': 1, '1.1': 1, '1.2': 1, handler0: 0, handler1: 11 },
      { '1.0': 1, '1.1': 1, '1.2': 1, handler0: 0, handler1: 21 },
    ].map(outcomeText),
  );
});

test('does not arrive while interrupts are off', () => {
  const found = search(
    interrupted([['raise'], ['irqs off', 'y', 'y += 1', 'irqs on', 'y']], ['y += 1']),
  );
  expect(found.exhausted).toBe(true);
  expect(outcomes(found)).toEqual(
    [
      { '1.0': 0, '1.1': 0, '1.2': 1, handler0: 0, handler1: 2 },
      { '1.0': 0, '1.1': 0, '1.2': 2, handler0: 0, handler1: 2 },
      { '1.0': 1, '1.1': 1, '1.2': 2, handler0: 0, handler1: 1 },
    ].map(outcomeText),
  );
});

test('arrives in front of a section with interrupts off, however late it is raised at first', () => {
  const found = search(
    interrupted([['y', 'x', 'irqs off', 'y', 'irqs on'], ['raise']], ['y += 1']),
  );
  expect(found.exhausted).toBe(true);
  expect(outcomes(found)).toEqual(
    [
      { '0.0': 0, '0.1': 0, '0.2': 0, handler0: 1, handler1: 0 },
      { '0.0': 0, '0.1': 0, '0.2': 1, handler0: 1, handler1: 0 },
      { '0.0': 1, '0.1': 0, '0.2': 1, handler0: 1, handler1: 0 },
    ].map(outcomeText),
  );
});

test('reaches a CPU that spins', () => {
  const found = search(interrupted([['raise'], ['spin', 'x']], ['x = 1']));
  expect(found.failures).toEqual([]);
  expect(outcomes(found)).toEqual([outcomeText({ '1.0': 1, handler0: 0, handler1: 0 })]);
});

describe('nothing is lost by the reduction', () => {
  const step = fc.constantFrom<Step>('x = 1', 'x', 'y', 'y += 1', 'irqs off', 'irqs on');
  const handlerStep = fc.constantFrom<Step>('x = 1', 'x', 'y', 'y += 1');
  const steps = fc.array(step, { minLength: 1, maxLength: 2 });

  test('every outcome that drawing meets, the exhaustive search meets', () => {
    fc.assert(
      fc.property(
        steps,
        steps,
        fc.array(handlerStep, { minLength: 1, maxLength: 2 }),
        fc.nat(),
        (first, second, handler, seed) => {
          const programs = [
            ['raise' as const, ...first, 'irqs on' as const],
            [...second, 'irqs on' as const],
          ];
          const exploration = interrupted(programs, handler);
          const all = search(exploration, { schedules: 1500 });
          fc.pre(all.exhausted);
          const drawn = search(exploration, { strategy: 'random', schedules: 100, seed });
          expect(outcomes(all)).toEqual(expect.arrayContaining(outcomes(drawn)));
        },
      ),
      { numRuns: 8 },
    );
  });

  test.each([0, 1])('with at most %i preemptions, against every schedule', (preemptions) => {
    fc.assert(
      fc.property(steps, steps, handlerStep, fc.boolean(), (first, second, handler, late) => {
        const programs = [
          ['raise' as const, ...first, 'irqs on' as const],
          [...second, 'irqs on' as const],
        ];
        if (late) programs.reverse();
        const exploration = interrupted(programs, [handler]);
        const every = allRuns(exploration, { reduction: 'none', preemptions }, 5000);
        fc.pre(every.exhausted);
        const reduced = allRuns(exploration, { preemptions });
        expect(reduced.outcomes).toEqual(every.outcomes);
        expect(reduced.runs).toBeLessThan(every.runs);
      }),
      { numRuns: 5 },
    );
  });
});

/**
 * Programs as data, run through a twin written by hand: what the tests of the search itself explore. Registers r0, r1 … are a
 * CPU's own; every one is part of the outcome.
 */
import { R, registerSites, twin, YIELD } from '@percpu/coroutine/runtime';
import type { Coroutine } from '@percpu/coroutine/runtime';
import { exploration } from '@percpu/experiment';
import type { Exploration, ExplorationDefinition } from '@percpu/experiment';
import type { SimulatedMemory } from '@percpu/simulator';
import type { ExploredProgram } from '../../src/engine/program.ts';

/** Words x, y, … by number. `to` is the register that takes the result. */
export type Instruction =
  | { do: 'load'; word: number; to: number }
  | { do: 'store'; word: number; value: number }
  /** Stores what a register holds, plus one. */
  | { do: 'storeNext'; word: number; from: number }
  | { do: 'add'; word: number; to: number }
  | { do: 'cas'; word: number; expected: number; value: number; to: number }
  | { do: 'exchange'; word: number; value: number; to: number }
  | { do: 'choose'; of: number; to: number }
  | { do: 'wait'; word: number; while: number; timeoutNs?: number; to: number }
  | { do: 'notify'; word: number; count?: number; to: number }
  /** Spins until the word is not `while`. */
  | { do: 'spin'; word: number; while: number; to: number }
  /** An allocator that may fail: 1. */
  | { do: 'allocate'; to: number }
  | { do: 'readForEver'; word: number }
  | { do: 'failIf'; register: number; is: number };

export type TinyProgram = readonly Instruction[];

export const FIRST_WORD: number = 0x2000;
/** Words in cache lines of their own. */
export const wordAt = (word: number): number => FIRST_WORD + word * 64;

/** All accesses are this one site, in a function without a name. */
const SITE = registerSites('tiny-program.ts', [[1, 1, '', 'access']]);

function* access<T>(call: () => T): Generator<unknown, T, T> {
  R.site = SITE;
  const value = call();
  return (value as unknown) === YIELD ? yield YIELD : value;
}

const WAIT_RESULTS = ['ok', 'not-equal', 'timed-out'];

function* execute(p: ExploredProgram, program: TinyProgram, registers: number[]): Coroutine<void> {
  const m: SimulatedMemory = p.memory;
  const run = access as <T>(call: () => T) => Coroutine<T>;
  for (const step of program) {
    switch (step.do) {
      case 'load':
        registers[step.to] = yield* run(() => m.load(wordAt(step.word)));
        break;
      case 'store':
        yield* run(() => m.store(wordAt(step.word), step.value));
        break;
      case 'storeNext': {
        const value = (registers[step.from] ?? 0) + 1;
        yield* run(() => m.store(wordAt(step.word), value));
        break;
      }
      case 'add':
        registers[step.to] = yield* run(() => m.fetchAdd(wordAt(step.word), 1));
        break;
      case 'cas':
        registers[step.to] = yield* run(() =>
          m.compareExchange(wordAt(step.word), step.expected, step.value),
        );
        break;
      case 'exchange':
        registers[step.to] = yield* run(() => m.exchange(wordAt(step.word), step.value));
        break;
      case 'choose':
        registers[step.to] = yield* run(() => p.choose(step.of));
        break;
      case 'wait': {
        const answer = yield* run(() => m.wait(wordAt(step.word), step.while, step.timeoutNs));
        registers[step.to] = WAIT_RESULTS.indexOf(answer);
        break;
      }
      case 'notify':
        registers[step.to] = yield* run(() => m.notify(wordAt(step.word), step.count));
        break;
      case 'spin':
        for (;;) {
          const seen = yield* run(() => m.load(wordAt(step.word)));
          registers[step.to] = seen;
          if (seen !== step.while) break;
          yield* run(() => m.pause());
        }
        break;
      case 'allocate':
        registers[step.to] = yield* run(() => m.choose(2));
        break;
      case 'readForEver':
        for (;;) yield* run(() => m.read(wordAt(step.word)));
      case 'failIf':
        if ((registers[step.register] ?? 0) === step.is)
          throw new Error(`r${step.register} is ${step.is}`);
        break;
    }
  }
}

/** An exploration on bare memory. What the words hold at the end is part of the outcome. */
export function tiny(
  programs: readonly TinyProgram[],
  more: Partial<ExplorationDefinition> & { words?: number } = {},
): Exploration {
  const { words = 3, ...definition } = more;
  return exploration({
    name: 'tiny',
    title: 'tiny',
    description: 'A program of the tests.',
    on: 'memory',
    programs: programs.map((program) =>
      twin(
        () => {},
        function* (p: ExploredProgram): Coroutine<void> {
          const registers: number[] = [];
          yield* execute(p, program, registers);
          registers.forEach((value, register) => p.see(`${p.id}r${register}`, value));
        },
      ),
    ),
    after({ memory, seen }) {
      for (let word = 0; word < words; word++) {
        (seen as Record<string, number>)[`w${word}`] = memory.load(wordAt(word));
      }
    },
    ...definition,
  });
}

import fc from 'fast-check';
import type { Instruction, TinyProgram } from './tiny-program.ts';

const word = fc.nat({ max: 2 });
const value = fc.nat({ max: 2 });
const to = fc.nat({ max: 1 });

const ordinary: readonly fc.Arbitrary<Instruction>[] = [
  fc.record({ do: fc.constant('load' as const), word, to }),
  fc.record({ do: fc.constant('load' as const), word, to }),
  fc.record({ do: fc.constant('store' as const), word, value }),
  fc.record({ do: fc.constant('storeNext' as const), word, from: to }),
  fc.record({ do: fc.constant('add' as const), word, to }),
  fc.record({ do: fc.constant('cas' as const), word, expected: value, value, to }),
  fc.record({ do: fc.constant('exchange' as const), word, value, to }),
];
const waiting: readonly fc.Arbitrary<Instruction>[] = [
  fc.record({ do: fc.constant('spin' as const), word, while: value, to }),
  fc.record({ do: fc.constant('wait' as const), word, while: fc.constant(0), to }),
  fc.record({
    do: fc.constant('wait' as const),
    word,
    while: fc.constant(0),
    timeoutNs: fc.constantFrom(50, 100),
    to,
  }),
  fc.record({ do: fc.constant('notify' as const), word, count: fc.constantFrom(1, 9), to }),
  fc.record({ do: fc.constant('choose' as const), of: fc.constantFrom(2, 3), to }),
  fc.record({ do: fc.constant('failIf' as const), register: to, is: fc.constantFrom(1, 2) }),
];

const programsOf = (
  instructions: readonly fc.Arbitrary<Instruction>[],
): fc.Arbitrary<TinyProgram[]> =>
  fc.oneof(program(instructions, 2, 5), program(instructions, 3, 3), program(instructions, 4, 2));

const program = (
  instructions: readonly fc.Arbitrary<Instruction>[],
  cpus: number,
  most: number,
): fc.Arbitrary<TinyProgram[]> =>
  fc.array(fc.array(fc.oneof(...instructions), { minLength: 1, maxLength: most }), {
    minLength: cpus,
    maxLength: cpus,
  });

/** Programs that always run through. */
export const straightPrograms: fc.Arbitrary<TinyProgram[]> = programsOf(ordinary);
/** Programs that spin, sleep, wake, choose and fail as well. */
export const waitingPrograms: fc.Arbitrary<TinyProgram[]> = programsOf([
  ...ordinary,
  ...ordinary,
  ...waiting,
]);

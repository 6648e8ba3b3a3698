/**
 * Litmus tests as data: a line of code a CPU, and the outcomes that sequential consistency has.
 *
 *   cpus: ['x = 1; y = 1', 'r0 = y; r1 = x'], sees: 'r0 r1', allowed: '00 01 11', forbidden: '10'
 *
 * Instructions are `x = 1`, `r0 = x` and `r0 = add x` (a fetch-add of 1). Variables are words on lines of their own;
 * `sees` names registers, and variables whose last value is part of the outcome.
 */
import { R, registerSites, twin, YIELD } from '@percpu/coroutine/runtime';
import type { Coroutine, SiteRow } from '@percpu/coroutine/runtime';
import { exploration } from '@percpu/experiment';
import type { Exploration, MustFind, Outcome, Program } from '@percpu/experiment';
import { cacheAligned, layout } from '@percpu/memory';
import type { Layout, Memory, Ptr } from '@percpu/memory';

export interface LitmusTest {
  /** As the literature has it: MP, SB, 2+2W. */
  readonly called: string;
  readonly description: string;
  readonly cpus: readonly string[];
  readonly sees: string;
  /** A digit for each of `sees`. */
  readonly allowed: string;
  /** What sequential consistency forbids: for this the test is known. */
  readonly forbidden: string;
}

/** `plain`: the same shape with plain accesses, which is a race. */
export type LitmusAccesses = 'atomic' | 'plain';

interface Instruction {
  readonly do: 'store' | 'load' | 'add';
  readonly variable: string;
  readonly value: number;
  readonly register: string;
  /** Its source. */
  readonly text: string;
}

type LitmusProgram = Program<undefined, Memory>;

const STORE = /^(?<variable>[a-z]) = (?<value>\d+)$/;
const LOAD = /^(?<register>r\d+) = (?<add>add )?(?<variable>[a-z])$/;

/** `litmus-mp`; with plain accesses `litmus-mp-plain`. */
export function litmusName(called: string, accesses: LitmusAccesses = 'atomic'): string {
  const name = called.toLowerCase().replaceAll('+', '-');
  return `litmus-${name}${accesses === 'plain' ? '-plain' : ''}`;
}

/** The exploration of a litmus test. Throws `SyntaxError` naming an instruction that is none. */
export function litmus(test: LitmusTest, accesses: LitmusAccesses = 'atomic'): Exploration {
  const name = litmusName(test.called, accesses);
  const programs = test.cpus.map((code) => code.split(';').map((text) => parse(name, text.trim())));
  const names = [...new Set(programs.flat().map(({ variable }) => variable))].sort();
  const variables = layout(Object.fromEntries(names.map((one) => [one, cacheAligned('u32')])), {
    name: test.called,
  });
  const final = test.sees.split(' ').filter((one) => names.includes(one));
  const plain = accesses === 'plain';
  const mustFind: MustFind = { kind: 'race', message: /nothing orders the two/ };
  return exploration<Ptr, undefined, Memory>({
    name,
    title: `${test.called}${plain ? ' with plain accesses' : ''}`,
    description: plain
      ? `${test.called} with plain accesses: nothing orders them.`
      : test.description,
    on: 'memory',
    setup: ({ memory, alloc }) => {
      const at = alloc(variables.size, variables.align);
      memory.describe(at, variables);
      return at;
    },
    programs: programs.map((program, cpu) =>
      programOf(program, { name, cpu, accesses, variables }),
    ),
    after: ({ memory, see }, at) => {
      for (const variable of final) see(variable, memory.load(at + variables[variable]!));
    },
    ...(plain
      ? { mustFind }
      : { allowed: test.allowed.split(' ').map((values) => outcomeOf(test.sees, values)) }),
  });
}

/** `outcomeOf('r0 x', '12')` is `{ r0: 1, x: 2 }`. */
function outcomeOf(sees: string, values: string): Outcome {
  return Object.fromEntries(sees.split(' ').map((name, i) => [name, Number(values[i])]));
}

/** Atomic instructions have no plain form, and one CPU alone does not race. */
export function hasPlainForm({ cpus }: LitmusTest): boolean {
  return cpus.length > 1 && !cpus.join().includes('add');
}

function parse(name: string, text: string): Instruction {
  const stored = STORE.exec(text)?.groups;
  if (stored !== undefined)
    return {
      do: 'store',
      variable: stored.variable!,
      value: Number(stored.value),
      register: '',
      text,
    };
  const loaded = LOAD.exec(text)?.groups;
  if (loaded === undefined) {
    throw new SyntaxError(
      `${name}: no instruction: "${text}"; accepted are x = 1, r0 = x and r0 = add x`,
    );
  }
  return {
    do: loaded.add === undefined ? 'load' : 'add',
    variable: loaded.variable!,
    value: 1,
    register: loaded.register!,
    text,
  };
}

interface Compiled {
  readonly name: string;
  readonly cpu: number;
  readonly accesses: LitmusAccesses;
  readonly variables: Layout<string>;
}

type Access = (memory: Memory, at: Ptr, value: number) => unknown;

const ACCESSES: Readonly<Record<LitmusAccesses, Readonly<Record<Instruction['do'], Access>>>> = {
  atomic: {
    load: (memory, at) => memory.load(at),
    store: (memory, at, value) => memory.store(at, value),
    add: (memory, at, value) => memory.fetchAdd(at, value),
  },
  plain: {
    load: (memory, at) => memory.read(at),
    store: (memory, at, value) => memory.write(at, value),
    add: (memory, at, value) => memory.fetchAdd(at, value),
  },
};

/** A function of the code under control, with the twin that the transform would have made. */
function programOf(
  program: readonly Instruction[],
  { name, cpu, accesses, variables }: Compiled,
): (p: LitmusProgram, at: Ptr) => void {
  const rows = program.map(({ text }, i): SiteRow => [i + 1, 1, `P${cpu}`, text]);
  const sites = registerSites(`${name}/P${cpu}`, rows);
  const perform = ({ memory }: LitmusProgram, step: Instruction, at: Ptr): unknown =>
    ACCESSES[accesses][step.do](memory, at + variables[step.variable]!, step.value);
  return twin(
    (p: LitmusProgram, at: Ptr) => {
      for (const step of program) finish(p, step, perform(p, step, at));
    },
    function* (p: LitmusProgram, at: Ptr): Coroutine<void> {
      for (const [i, step] of program.entries()) {
        R.site = sites + i;
        const value = perform(p, step, at);
        finish(p, step, value === YIELD ? yield YIELD : value);
      }
    },
  );
}

function finish(p: LitmusProgram, { register }: Instruction, value: unknown): void {
  if (register !== '') p.see(register, value as number);
}

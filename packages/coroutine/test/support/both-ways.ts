/**
 * Runs a program twice: plain, and as a coroutine that is suspended at its accesses. What the two did is compared:
 * result or error, and everything that was logged or accessed on the way, in order.
 */
import { RUNTIME_URL } from '../../src/load/load.ts';
import { begin, putOff, takeSite } from '../../src/runtime/index.ts';
import { transform } from '../../src/index.ts';

export interface Outcome {
  readonly trace: readonly string[];
  readonly value?: unknown;
  readonly error?: string;
}

/** How the memory answers: `never` at once, `always`, or by turns. */
export type AtOnce = 'never' | 'by turns';

type Main = (memory: object, log: (value: unknown) => unknown) => unknown;

const WORDS = 8;

/** Words 0…7, all 0. Each access is traced. */
class Words {
  readonly words: number[] = new Array<number>(WORDS).fill(0);
  readonly trace: string[] = [];

  access(name: string, at: number, value: number): number {
    const before = this.words[at % WORDS]!;
    if (name === 'store') this.words[at % WORDS] = value;
    if (name === 'fetchAdd') this.words[at % WORDS] = before + value;
    this.trace.push(`${name} ${at} ${value} -> ${before}`);
    return before;
  }
}

const NAMES = ['load', 'store', 'fetchAdd'] as const;

function memoryOf(access: (name: string, at: number, value: number) => unknown): object {
  return Object.fromEntries(
    NAMES.map((name) => [name, (at: number, value = 0) => access(name, at, value)]),
  );
}

function show(value: unknown): string {
  if (value === undefined || typeof value === 'function') return String(value);
  return JSON.stringify(value);
}

function errorText(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : `thrown ${show(error)}`;
}

let loaded = 0;

async function load(code: string): Promise<Main> {
  // A number makes it another module: each run has the state of its module to itself.
  const text = encodeURIComponent(`${code}\n//${loaded++}`);
  const module = (await import(/* @vite-ignore */ `data:text/javascript,${text}`)) as {
    main: Main;
  };
  return module.main;
}

export async function runPlain(source: string): Promise<Outcome> {
  const main = await load(source);
  const words = new Words();
  const memory = memoryOf((name, at, value) => words.access(name, at, value));
  return outcome(words, () => main(memory, logTo(words)));
}

export async function runAsCoroutine(source: string, atOnce: AtOnce): Promise<Outcome> {
  const transformed = transform(source, {
    file: 'program.js',
    runtime: RUNTIME_URL,
    // Without an engine's hooks it must make no difference.
    atomics: atOnce === 'by turns',
  });
  const main = await load(transformed?.code ?? source);
  const words = new Words();
  let put: (() => number) | undefined;
  let turn = 0;
  const memory = memoryOf((name, at, value) => {
    const site = takeSite();
    if (atOnce === 'by turns' && turn++ % 2 === 0) return words.access(name, at, value);
    put = () => words.access(name, at, value);
    return putOff(site);
  });
  return outcome(words, () => {
    const frame = begin(main, undefined, [memory, logTo(words)]);
    let step = frame.next();
    while (step.done !== true) step = frame.next(put!());
    return step.value;
  });
}

function logTo(words: Words): (value: unknown) => unknown {
  return (value) => {
    words.trace.push(`log ${show(value)}`);
    return value;
  };
}

function outcome(words: Words, run: () => unknown): Outcome {
  try {
    return { value: run(), trace: words.trace };
  } catch (error) {
    return { error: errorText(error), trace: words.trace };
  }
}

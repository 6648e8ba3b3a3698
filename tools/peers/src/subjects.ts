/** Whose locks are compared, and who could not come. */
import { chooseBackend } from '@percpu/memory';
import { compile, cTeam, findCompiler } from './c-team.ts';
import { machineTeam } from './machine-team.ts';
import type { OurName } from './machine-team.ts';
import type { Team } from './team.ts';
import { workerTeam } from './worker-team.ts';

/** `naive`: what people write themselves. */
export type Side = 'ours' | 'npm' | 'naive' | 'c';

export interface Subject {
  readonly who: string;
  readonly side: Side;
  start(threads: number): Promise<Team>;
}

export interface Missing {
  readonly who: string;
  readonly why: string;
}

export interface Field {
  readonly subjects: readonly Subject[];
  readonly missing: readonly Missing[];
}

const OURS: readonly OurName[] = ['tas', 'ttas', 'ticket', 'mcs', 'mutex'];
const NPM = ['multithreading', 'atomics-sync'];
const C_PEERS = {
  'c-pthread-mutex': 'pthread-mutex',
  'c-pthread-spin': 'pthread-spin',
  'c-ticket': 'ticket',
};

/** `folder` takes the compiled programs, and has to stay until the last team has ended. */
export async function gather(folder: string): Promise<Field> {
  const subjects: Subject[] = [
    ...ours(),
    worker('threads-mutex', 'ours', 'threads-mutex'),
    worker('naive-futex', 'naive', 'futex-mutex'),
  ];
  const missing: Missing[] = [];
  for (const name of NPM) {
    const why = whyNotImportable(name);
    if (why === undefined) subjects.push(worker(name, 'npm', name));
    else missing.push({ who: name, why });
  }
  const compiler = await findCompiler();
  for (const [who, file] of Object.entries(C_PEERS)) {
    if (compiler === undefined) {
      missing.push({ who, why: 'no C compiler here (gcc, cc or clang on the PATH)' });
      continue;
    }
    try {
      const source = new URL(`../c/${file}.c`, import.meta.url);
      const program = await compile(compiler, source, folder);
      subjects.push({ who, side: 'c', start: async (threads) => cTeam(program, threads) });
    } catch (error) {
      missing.push({ who, why: `${compiler} could not compile c/${file}.c: ${firstLine(error)}` });
    }
  }
  return { subjects, missing };
}

function ours(): Subject[] {
  const { backend } = chooseBackend();
  return OURS.map((who) => ({
    who,
    side: 'ours',
    start: (threads) => machineTeam(who, threads, backend),
  }));
}

function worker(who: string, side: Side, file: string): Subject {
  const module = new URL(`./programs/${file}.ts`, import.meta.url);
  return { who, side, start: (threads) => workerTeam(module, threads) };
}

/** undefined: the package is there. */
export function whyNotImportable(name: string): string | undefined {
  try {
    import.meta.resolve(name);
    return undefined;
  } catch (error) {
    return `the package is not installed (${firstLine(error)})`;
  }
}

function firstLine(error: unknown): string {
  const { code, stderr, message } = error as { code?: unknown; stderr?: string; message?: string };
  if (typeof stderr === 'string' && stderr !== '') return stderr.split('\n', 1)[0]!;
  if (typeof code === 'string') return code;
  return String(message ?? error).split('\n', 1)[0]!;
}

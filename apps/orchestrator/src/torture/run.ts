/** One torture on a machine of its own: worker threads, every access checked. */
import { controlBytes } from '@percpu/experiment';
import type { Torture, TortureResult } from '@percpu/experiment';
import { Machine, sibling } from '@percpu/machine/boot';
import { CACHE_LINE, memblockAlloc } from '@percpu/memory';
import { messageOf } from '../cli/errors.ts';
import type { Discovered } from '../discovery/catalogue.ts';
import type { TortureArguments, TortureOutcome } from './program.ts';

export interface TortureOrder {
  readonly cpus: number;
  readonly seconds: number;
  readonly seed: number;
  readonly signal: AbortSignal;
}

/** A round that is not over so long after its time has come is not slow, it hangs. */
const PATIENCE_MS = 30_000;
/** A busted twin ends as soon as it fails, and is given time for that. */
const TWIN_SECONDS = 10;
/** It may fail by hanging. */
const TWIN_PATIENCE_MS = 3000;
const MIB = 2 ** 20;

/** What came of it. Rejects only with the reason of `signal`. */
export async function runOne(
  found: Discovered<Torture>,
  { cpus, seconds, seed, signal }: TortureOrder,
): Promise<TortureResult> {
  const { entry: torture, module, package: from } = found;
  const began = performance.now();
  let totals = { rounds: 0, interrupts: 0 };
  let wrong: string | undefined;
  try {
    totals = await rounds(torture, found, { cpus, seconds, seed, signal }, module);
  } catch (error) {
    signal.throwIfAborted();
    wrong = messageOf(error);
  }
  const { mustFail } = torture;
  return {
    ...{ name: torture.name, package: from, cpus, ...totals },
    seconds: (performance.now() - began) / 1000,
    busted: mustFail !== undefined,
    ok: mustFail === undefined ? wrong === undefined : wrong !== undefined && mustFail.test(wrong),
    ...(wrong === undefined ? {} : { message: wrong }),
  };
}

async function rounds(
  torture: Torture,
  { parameters }: Discovered<Torture>,
  { cpus, seconds, seed, signal }: TortureOrder,
  module: string,
): Promise<{ rounds: number; interrupts: number }> {
  const { arenaBytes } = torture;
  const machine = await Machine.boot({
    cpus,
    memory: Math.ceil((16 * MIB + cpus * (MIB / 2) + arenaBytes) / MIB) * MIB,
    parameters: { ...torture.parameters },
    declares: parameters,
    checked: true,
  });
  const stop = (): void => void machine.shutdown();
  signal.addEventListener('abort', stop, { once: true });
  try {
    signal.throwIfAborted();
    const place = {
      control: memblockAlloc(machine.memory, controlBytes(cpus), CACHE_LINE),
      arena: { at: memblockAlloc(machine.memory, arenaBytes, CACHE_LINE), bytes: arenaBytes },
    };
    const isTwin = torture.mustFail !== undefined;
    const forSeconds = isTwin ? Math.max(seconds, TWIN_SECONDS) : seconds;
    const args: TortureArguments = {
      name: torture.name,
      ...{ cpus, seed, forNs: forSeconds * 1e9, place },
    };
    const program = sibling(import.meta.url, './program');
    program.searchParams.set('module', module);
    const patience = isTwin ? TWIN_PATIENCE_MS : PATIENCE_MS;
    const outcomes = await machine.run<TortureOutcome>(
      { module: program, args },
      { timeoutMs: forSeconds * 1000 + patience },
    );
    return addUp(outcomes);
  } finally {
    signal.removeEventListener('abort', stop);
    await machine.shutdown();
  }
}

function addUp(outcomes: readonly TortureOutcome[]): { rounds: number; interrupts: number } {
  outcomes.forEach((outcome, cpu) => {
    if ('failed' in outcome) throw new Error(`on CPU ${cpu}: ${outcome.failed}`);
  });
  const done = outcomes.flatMap((outcome) => ('rounds' in outcome ? [outcome] : []));
  return {
    rounds: done.reduce((sum, { rounds }) => sum + rounds, 0),
    interrupts: done.reduce((sum, { interrupts }) => sum + interrupts, 0),
  };
}

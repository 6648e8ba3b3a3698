import { CACHE_LINE, chooseBackend, memblockAlloc } from '@percpu/memory';
import { controlBytes } from '@percpu/experiment';
import type { CpuMeasurement } from '@percpu/experiment';
import { Machine, sibling } from '@percpu/machine/boot';
import { RunError } from '../cli/errors.ts';
import type { Engine, Order } from './engine.ts';
import type { ProgramArguments, ProgramResult } from './program.ts';

/** A body that never returns would keep its CPU for ever; the slowest honest point takes seconds. */
const PATIENCE_MS = 30_000;

const MIB = 2 ** 20;

/**
 * Measures on worker threads, each order on a machine of its own.
 *
 * A fresh machine costs some tens of milliseconds and is worth them: in a thread that has run other
 * variants before, the call sites of an experiment have seen several functions and are compiled
 * accordingly, so that the order of measuring would decide who is fast.
 */
export function parallelEngine(): Engine {
  // Decided once: two repeats of one point must not run on different backends.
  const { backend } = chooseBackend();
  return {
    async measure({ found, cell, signal }) {
      signal.throwIfAborted();
      const { entry: experiment, module, parameters } = found;
      const cpus = cell.cpus.length;
      const arenaBytes = experiment.arenaBytes(cpus);
      const machine = await Machine.boot({
        cpus,
        memory: Math.ceil((16 * MIB + cpus * (MIB / 2) + arenaBytes) / MIB) * MIB,
        parameters: {
          'memory.backend': backend,
          ...experiment.bootParameters(cell.variant, cell.knobs),
        },
        declares: parameters,
        checked: false,
      });
      const stop = (): void => void machine.shutdown();
      signal.addEventListener('abort', stop, { once: true });
      try {
        signal.throwIfAborted();
        const place = {
          control: memblockAlloc(machine.memory, controlBytes(cpus), CACHE_LINE),
          arena: {
            at: memblockAlloc(machine.memory, arenaBytes, CACHE_LINE),
            bytes: arenaBytes,
          },
        };
        const args: ProgramArguments = { cell, place };
        const program = { module: programUrl(module), args };
        const results = await machine.run<ProgramResult>(program, {
          timeoutMs: expectedMs({ cell }) + PATIENCE_MS,
        });
        return { cpus: takeMeasurements(results) };
      } finally {
        signal.removeEventListener('abort', stop);
        await machine.shutdown();
      }
    },
  };
}

/** @throws RunError with what the experiment said on the CPU where it failed. */
function takeMeasurements(results: readonly ProgramResult[]): CpuMeasurement[] {
  results.forEach((result, cpu) => {
    if ('failed' in result) throw new RunError(`on CPU ${cpu}: ${result.failed}`);
  });
  return results.flatMap((result) => ('measured' in result ? [result.measured] : []));
}

function programUrl(module: string): URL {
  const url = sibling(import.meta.url, './program');
  url.searchParams.set('module', module);
  return url;
}

function expectedMs({ cell }: Pick<Order, 'cell'>): number {
  const { window } = cell;
  return window.kind === 'time' ? (window.warmUpNs + window.measureNs) / 1e6 : 0;
}

import { availableParallelism } from 'node:os';
import type { Window } from '@percpu/experiment';
import { Progress } from '../cli/progress.ts';
import type { Terminal } from '../cli/terminal.ts';
import { plural } from '../format.ts';
import { MEASURED_SHARE, planEffort } from '../measure/budget.ts';
import type { Engine, OpenEngine } from '../measure/engine.ts';
import { runModelSession } from '../measure/modelled.ts';
import type { SessionResult, SessionWatch } from '../measure/once.ts';
import type { Point } from '../measure/select.ts';
import { runSession } from '../measure/session.ts';
import type { Asked } from './scale-request.ts';

/** Each point in work holds the memory of a whole machine. */
const MOST_AT_ONCE = 8;
/** Where neither the user nor the engine says how long. */
const MODEL_WINDOW: Window = { kind: 'time', warmUpNs: 20_000, measureNs: 100_000 };

export interface Clocks {
  readonly measured: readonly Point[];
  readonly parallel: Engine | undefined;
  readonly modelled: readonly Point[];
  readonly model: OpenEngine | undefined;
}

/** Measures, then models: one after the other, because modelling would take the cores that are measured. */
export async function runClocks(
  { measured, parallel, modelled, model }: Clocks,
  asked: Asked,
  signal: AbortSignal,
  terminal: Terminal,
): Promise<SessionResult> {
  const { request, budget } = asked;
  const planned = [0, 0];
  const progress = new Progress(terminal, () => planned[0]! + planned[1]!);
  const watch = (part: 0 | 1): SessionWatch => ({
    planned: (seconds) => (planned[part] = seconds),
    begins: (name) => progress.begin(name),
    done: (seconds) => progress.advance(seconds),
    failed: ({ experiment, variant, cpus, profile, message }) => {
      progress.clear();
      const where = profile === undefined ? '' : ` of ${profile}, modelled,`;
      terminal.error(`${experiment} ${variant}, ${plural(cpus, 'CPU')}${where} failed: ${message}`);
    },
  });
  const now = (): number => performance.now() / 1000;
  const began = now();
  const results: SessionResult[] = [];
  const share = modelled.length > 0 ? MEASURED_SHARE : 1;
  if (modelled.length > 0 && budget.seconds !== undefined) {
    planned[1] = budget.seconds * (1 - share);
  }
  if (parallel !== undefined && measured.length > 0) {
    const own =
      budget.seconds === undefined ? budget : { ...budget, seconds: budget.seconds * share };
    const effort = planEffort(measured, own);
    results.push(
      await runSession({
        ...{ engine: parallel, points: measured, effort, budget: own, signal, now },
        ...{ calls: request.calls ?? undefined, seed: request.seed, watch: watch(0) },
      }),
    );
  }
  if (model !== undefined && modelled.length > 0 && !signal.aborted) {
    const alone = request.clock === 'model';
    results.push(
      await runModelSession({
        ...{ engine: model.engine, points: modelled, seed: request.seed, signal, now },
        windowOf: (point) => windowOf(point, model, alone ? asked : undefined),
        // What measuring left over is the model's.
        seconds: budget.seconds === undefined ? undefined : budget.seconds - (now() - began),
        repeats: alone ? (budget.repeats ?? 1) : 1,
        atOnce: Math.min(MOST_AT_ONCE, availableParallelism()),
        watch: watch(1),
      }),
    );
  }
  progress.clear();
  return {
    cells: results.flatMap(({ cells }) => cells),
    failures: results.flatMap(({ failures }) => failures),
    skipped: results.flatMap(({ skipped }) => skipped),
    interrupted: signal.aborted,
  };
}

/** `asked` where a length on the command line is meant for the model. */
function windowOf(point: Point, model: OpenEngine, asked: Asked | undefined): Window | undefined {
  const { calls = null, seconds = null } = asked?.request ?? {};
  if (calls !== null) return { kind: 'work', warmUpCalls: Math.ceil(calls / 10), calls };
  if (point.found.entry.fixedWork !== undefined) return undefined;
  if (seconds !== null) {
    const measureNs = Math.round(seconds * 1e9);
    return { kind: 'time', warmUpNs: Math.round(measureNs / 5), measureNs };
  }
  return model.window?.(point.cpus) ?? MODEL_WINDOW;
}

import { summarise } from '@percpu/experiment';
import type { CellRecord, Host, ModelDetails } from '@percpu/experiment';
import { FORMAT } from '../../src/record/record.ts';
import type { ModelledMachine } from '../../src/measure/engine.ts';
import type { ExperimentFacts, RunRecord } from '../../src/record/record.ts';

/** One point of a made-up run: rates of its repeats, in operations a second of all CPUs together. */
export interface MadePoint {
  readonly experiment?: string;
  readonly variant?: string;
  readonly cpus?: number;
  readonly rates: readonly number[];
  /** Not measured but modelled. */
  readonly model?: ModelDetails;
}

/** The machine of modelled points that are made up. */
export const MACHINE: ModelledMachine = {
  name: 'made-up',
  title: 'Made-up 8 × 32, "two & a half" sockets',
  source: 'invented for this test',
};

const SECONDS = 0.5;

const madeHost: Host = {
  platform: 'linux',
  arch: 'x64',
  kernel: '6.18.0',
  cpuModel: 'Made-up CPU <tm> & "more"',
  cores: 4,
  memoryBytes: 8 * 2 ** 30,
  topology: { known: false },
  load: [0.1, 0.2, 0.3],
  node: '26.10.0',
  v8: '14.6',
  versions: { '@percpu/memory': '0.1.0' },
  backend: 'wasm',
};

function toCell(point: MadePoint, cores: number): CellRecord {
  const { experiment = 'handover', variant = 'ticket', cpus = 2, rates, model } = point;
  return {
    experiment,
    package: '@percpu/locks',
    variant,
    ...(model === undefined
      ? { clock: 'parallel' }
      : { clock: 'model', profile: MACHINE.name, model }),
    cpus,
    unit: 'acquisitions',
    drivers: 'all',
    knobs: { heldNs: 0 },
    bootParameters: {},
    window: { kind: 'time', warmUpNs: 6e7, measureNs: SECONDS * 1e9 },
    seed: 1,
    oversubscribed: model === undefined && cpus > cores,
    repeats: rates.map((rate) => ({
      cpus: Array.from({ length: cpus }, () => ({
        operations: (rate * SECONDS) / cpus,
        beganNs: 0,
        endedNs: SECONDS * 1e9,
      })),
    })),
  };
}

export interface MadeRecord {
  readonly points: readonly MadePoint[];
  readonly host?: Partial<Host>;
  readonly failures?: RunRecord['failures'];
  readonly headlines?: RunRecord['headlines'];
}

/** A record as a run would have written it, from made-up rates. */
export function makeRecord({ points, host, failures = [], headlines }: MadeRecord): RunRecord {
  const of = { ...madeHost, ...host };
  const cells = points.map((point) => toCell(point, of.cores));
  const recording = summarise(
    {
      host: of,
      created: '2026-11-20T13:05:09.000Z',
      command: ['percpu', 'scale', '--seconds', '0.5', '--repeats', '5', '--seed', '1'],
      seed: 1,
      interrupted: false,
      cells,
    },
    [],
  );
  const modelled = points.some(({ model }) => model !== undefined);
  const names = [...new Set(cells.map((cell) => cell.experiment))];
  return {
    ...recording,
    ...(headlines === undefined ? {} : { headlines }),
    format: FORMAT,
    percpu: '0.1.0',
    revision: '0123456789ab',
    request: {
      program: ['percpu'],
      names: [],
      variants: null,
      cpus: null,
      clock: modelled ? 'both' : 'parallel',
      profile: null,
      knobs: [],
      calls: null,
      modules: [],
      seed: 1,
    },
    ...(modelled ? { machines: [MACHINE] } : {}),
    loadAfter: [1, 0.5, 0.4],
    failures,
    notices: [],
    experiments: names.map((name): ExperimentFacts => ({
      name,
      package: '@percpu/locks',
      title: `What ${name} costs <script>alert(1)</script>`,
      description: 'One & two.',
      unit: 'acquisitions',
      report: ['perSecond', 'nsPerOp', 'fairness'],
    })),
  };
}

/** Five repeats around a rate, a few per mille apart. */
export function around(rate: number, spread = 0.005): number[] {
  return [-2, -1, 0, 1, 2].map((step) => rate * (1 + (step * spread) / 2));
}

/** Recordings made up for tests: measured on no host. */

import {
  chooseCell,
  experiment,
  Histogram,
  powersOfTwo,
  recordCell,
  summarise,
  uslRate,
  type CellRecord,
  type CpuMeasurement,
  type Experiment,
  type Host,
  type Recording,
} from '../../src/index.ts';

const host: Host = {
  platform: 'linux',
  arch: 'x64',
  kernel: '6.1.0',
  cpuModel: 'Imaginary 64',
  cores: 32,
  memoryBytes: 2 ** 34,
  topology: { known: true, sockets: 1, coresPerSocket: 32, threadsPerCore: 1 },
  load: [0.5, 0.25, 0],
  node: '26.10.0',
  v8: '14.0',
  versions: { '@percpu/experiment': '0.1.0' },
};

export const counter: Experiment = experiment({
  name: 'counter',
  title: 'Counter',
  description: 'Counts.',
  unit: 'increments',
  variants: { atomic: {}, 'per-cpu': {} },
  cpus: { parallel: powersOfTwo(1, 64), model: powersOfTwo(1, 64) },
  knobs: { heldNs: [0, 100] },
  latency: true,
  body: () => 1,
  headline: (results) => [
    { label: 'points', value: results.length, unit: '' },
    { label: 'a side that is missing', value: results.length / 0, unit: '×' },
  ],
});

const LAW = { gamma: 1e7, alpha: 0.05, beta: 0.001 };

/** Each repeat's rate follows the law, times 0.99, 1 and 1.01; `speed` scales it. */
export function lawfulCell(
  variant: string,
  cpus: number,
  { speed = 1, knobs = {} }: { speed?: number; knobs?: Record<string, number> } = {},
): CellRecord {
  const window = { kind: 'time', warmUpNs: 1e6, measureNs: 1e9 } as const;
  const cell = chooseCell(counter, { variant, cpus, window, repeats: 3, knobs });
  const measured = cell.cpus.map((cpu): CpuMeasurement => {
    const repeats = [0.99, 1, 1.01].map((factor) => {
      const latency = new Histogram();
      for (let i = 0; i < 100; i++) latency.record(i);
      const operations = Math.round((uslRate(LAW, cpus) * speed * factor) / cpus);
      return { operations, beganNs: 1e6, endedNs: 1e6 + 1e9, latency: latency.toRecord() };
    });
    return { cpu, repeats };
  });
  return recordCell(counter, cell, measured, {
    package: '@percpu/made-up',
    oversubscribed: cpus > host.cores,
  });
}

export function recordingOf(cells: readonly CellRecord[]): Recording {
  const parts = {
    created: '2026-11-20T13:00:00Z',
    command: ['percpu', 'scale', 'counter'],
    seed: 1,
    interrupted: false,
    host,
    cells,
  };
  return summarise(parts, [{ package: '@percpu/made-up', experiment: counter }]);
}

export function lawfulRecording(speed = 1): Recording {
  const counts = [1, 2, 4, 8, 16, 32, 64];
  return recordingOf(
    ['atomic', 'per-cpu'].flatMap((variant) =>
      counts.map((cpus) => lawfulCell(variant, cpus, { speed })),
    ),
  );
}

import type { FieldDetails, ModelDetails } from '@percpu/experiment';
import type { RunRecord } from '../../src/record/record.ts';
import { around, MACHINE, makeRecord } from './record.ts';
import type { MadePoint } from './record.ts';

const COUNTS = [1, 2, 3, 4, 6, 8, 12, 16, 32];

/** A whole run as it could come from a host with 16 CPUs: two experiments over CPU counts, one without. */
export function makeRun(): RunRecord {
  const curve = (experiment: string, variant: string, rate: (n: number) => number): MadePoint[] =>
    COUNTS.map((cpus) => ({
      experiment,
      variant,
      cpus,
      rates: around(rate(cpus), cpus > 16 ? 0.3 : 0.05),
    }));
  const usl = (alpha: number, beta: number, gamma: number) => (n: number) =>
    (gamma * n) / (1 + alpha * (n - 1) + beta * n * (n - 1));
  return makeRecord({
    host: {
      cores: 16,
      topology: { known: true, sockets: 1, coresPerSocket: 16, threadsPerCore: 1 },
    },
    points: [
      ...curve('handover', 'ticket', usl(0.08, 0.004, 4e7)),
      ...curve('handover', 'mcs', usl(0.05, 0.0005, 3e7)),
      ...curve('handover', 'tas', (n) => 5e7 / n ** 1.4),
      ...curve('counter', 'per-cpu', usl(0.001, 0, 3e8)),
      ...curve('counter', 'shared-atomic', (n) => 2.5e8 / n),
      ...['bare', 'seam', 'checked'].map((variant, k) => ({
        experiment: 'seam',
        variant,
        cpus: 1,
        rates: around(3e8 / 3 ** k, 0.02),
      })),
    ],
    failures: [
      {
        experiment: 'handover',
        package: '@percpu/locks',
        variant: 'mutex',
        cpus: 2,
        message: 'lost a wake-up',
      },
    ],
    headlines: [
      {
        experiment: 'counter',
        package: '@percpu/locks',
        label: 'per-CPU against shared, 16 CPUs',
        value: 74.2,
        unit: '×',
      },
      {
        experiment: 'ipi',
        package: '@percpu/machine',
        label: 'round trip, both awake',
        value: 1850,
        unit: 'ns',
      },
    ],
  });
}

interface MadeField {
  /** Of the time of all CPUs: fetching the line, queueing for it, waiting for a write. */
  readonly shares: readonly [transfer: number, queue: number, lockWait: number];
}

/** Where the time of one made-up point went, from shares. */
export function makeDetails(
  cpus: number,
  lines: Readonly<Record<string, Readonly<Record<string, MadeField>>>>,
  [ipi, idle]: readonly [ipi: number, idle: number] = [0, 0],
): ModelDetails {
  const cpuNs = cpus * 1e6;
  const made = Object.entries(lines).map(([name, fields]) => {
    const own = Object.entries(fields).map(([field, { shares }]): FieldDetails => ({
      name: field,
      accesses: 1000 * cpus,
      transfers: 400 * cpus,
      transferNs: shares[0] * cpuNs,
      waitNs: shares[1] * cpuNs,
      lockWaitNs: shares[2] * cpuNs,
    }));
    const sum = (of: (field: FieldDetails) => number): number =>
      own.reduce((total, field) => total + of(field), 0);
    return {
      name,
      fields: own,
      transferNs: sum(({ transferNs }) => transferNs),
      waitNs: sum(({ waitNs }) => waitNs),
      why: `${name} is handed from CPU to CPU`,
    };
  });
  const transfer = made.reduce((total, line) => total + line.transferNs + line.waitNs, 0);
  const lockWait = made
    .flatMap(({ fields }) => fields)
    .reduce((total, { lockWaitNs }) => total + lockWaitNs, 0);
  const compute = cpuNs - transfer - lockWait - (ipi + idle) * cpuNs;
  return {
    profile: MACHINE.name,
    seconds: 0.5,
    accesses: 4000 * cpus,
    cpuNs,
    where: { compute, transfer, lockWait, ipi: ipi * cpuNs, idle: idle * cpuNs },
    lines: made,
  };
}

/** A run on a host with two CPUs: measured up to 16 threads, modelled up to 256 CPUs. */
export function makeMixedRun(): RunRecord {
  const measured = (variant: string, rate: (n: number) => number): MadePoint[] =>
    [1, 2, 4, 16].map((cpus) => ({
      experiment: 'handover',
      variant,
      cpus,
      rates: around(rate(cpus), cpus > 2 ? 0.3 : 0.05),
    }));
  const modelled = (
    variant: string,
    rate: (n: number) => number,
    details: (n: number) => ModelDetails,
  ): MadePoint[] =>
    [1, 2, 4, 8, 16, 32, 64, 128, 256].map((cpus) => ({
      experiment: 'handover',
      variant,
      cpus,
      rates: [rate(cpus)],
      model: details(cpus),
    }));
  const grow = (n: number, most: number): number => most * (1 - 1 / n);
  return makeRecord({
    host: { cores: 2 },
    points: [
      ...measured('tas', (n) => 5e7 / n ** 0.8),
      ...measured('ticket', (n) => 4e7 / n ** 1.2),
      ...measured('mcs', (n) => 3e7 / n ** 0.9),
      ...modelled(
        'tas',
        (n) => 6e7 / n ** 0.9,
        (n) =>
          makeDetails(n, {
            'tas lock': { word: { shares: [grow(n, 0.25), grow(n, 0.45), grow(n, 0.2)] } },
            data: { first: { shares: [grow(n, 0.02), 0, 0] }, second: { shares: [0, 0, 0] } },
          }),
      ),
      ...modelled(
        'ticket',
        (n) => (n < 32 ? 3e7 : 3e7 / (n / 16)),
        (n) =>
          makeDetails(n, {
            ticket: {
              serving: { shares: [grow(n, 0.12), grow(n, 0.1), grow(n, 0.55)] },
              next: { shares: [grow(n, 0.04), grow(n, 0.06), 0] },
            },
            data: { first: { shares: [grow(n, 0.03), 0, 0] } },
          }),
      ),
      ...modelled(
        'mcs',
        (n) => 2.6e7 / (1 + n / 400),
        (n) =>
          makeDetails(
            n,
            {
              'mcs node': { locked: { shares: [grow(n, 0.05), 0, grow(n, 0.8)] } },
              'mcs lock': { tail: { shares: [grow(n, 0.02), grow(n, 0.01), 0] } },
              ...Object.fromEntries(
                Array.from({ length: 14 }, (_, k) => [
                  `node ${k}`,
                  { next: { shares: [grow(n, 0.001), 0, 0] as const } },
                ]),
              ),
            },
            [0.02, 0.01],
          ),
      ),
    ],
    headlines: [
      {
        experiment: 'handover',
        package: '@percpu/locks',
        label: 'mcs against tas',
        value: 1.4,
        unit: '×',
      },
      {
        experiment: 'handover',
        package: '@percpu/locks',
        profile: MACHINE.name,
        label: 'mcs against tas on 256 CPUs',
        value: 38.2,
        unit: '×',
      },
    ],
  });
}

import type { RunRecord } from '../../src/record/record.ts';
import { around, makeRecord } from './record.ts';
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

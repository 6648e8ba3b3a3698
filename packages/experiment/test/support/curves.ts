/** Published scaling curves, as throughput (any unit). */

export interface CurveData {
  readonly cpus: readonly number[];
  readonly rates: readonly number[];
}

/** From latencies: what n CPUs do together when each needs so long for one operation. */
function perOp(cpus: readonly number[], times: readonly number[]): CurveData {
  return { cpus, rates: cpus.map((n, i) => (1000 * n) / times[i]!) };
}

/** Kogan, "Add NUMA-awareness to qspinlock" v11, LKML 2020-09-15; 4 × 18 cores. */
const CNA = [1, 2, 4, 8, 16, 32, 36, 72, 108, 142];
/** perfbook count/count.tex and defer; Xeon 8176, 8 × 28 cores, and an EPYC Milan guest. */
const XEON = [1, 2, 8, 28, 56, 112, 224, 420];
const MILAN = [1, 2, 8, 16, 32, 64, 128, 160];

/** Rezki, "Mitigate a vmap lock contention" v1, LKML 2023: µs per vmalloc/vfree pair at 1 … 32 jobs. */
const VMALLOC = [
  ...[
    0.576131, 2.68376, 4.26502, 6.04306, 8.04786, 9.38844, 9.53481, 10.4609, 10.6089, 11.7372,
    11.5969,
  ],
  ...[
    13.053, 12.2973, 13.1429, 13.7348, 14.3687, 14.8823, 14.9571, 14.9127, 16.0786, 15.8055,
    16.8087,
  ],
  ...[16.7298, 17.244, 17.8416, 18.8008, 18.5591, 19.761, 20.06, 20.4353, 20.9082, 21.0865],
];

export const curves = {
  /** SPEC SDM91, the data set of the R package usl. */
  'spec-sdm91': {
    cpus: [1, 18, 36, 72, 108, 144, 216],
    rates: [64.9, 995.9, 1652.4, 1853.2, 1828.9, 1775.0, 1702.2],
  },
  'locktorture stock': {
    cpus: CNA,
    rates: [2.682, 2.81, 4.273, 5.071, 5.84, 6.246, 6.355, 6.129, 5.921, 5.763],
  },
  'locktorture CNA': {
    cpus: CNA,
    rates: [2.695, 2.797, 4.294, 6.755, 8.94, 9.866, 9.968, 10.231, 10.246, 10.186],
  },
  'lock2 stock': {
    cpus: CNA,
    rates: [1.6, 2.792, 5.395, 4.285, 4.168, 2.45, 2.403, 1.842, 1.888, 1.806],
  },
  'leveldb stock': {
    cpus: CNA,
    rates: [0.529, 0.829, 1.122, 1.126, 1.029, 0.721, 0.69, 0.622, 0.608, 0.602],
  },
  'vmalloc one lock': perOp(
    Array.from(VMALLOC, (_, i) => i + 1),
    VMALLOC,
  ),
  'atomic counter, Xeon 8176': perOp(XEON, [4.83, 63.9, 203, 624, 1325, 3206, 7064, 14820]),
  'per-CPU counter, Xeon 8176': perOp(XEON, [2.15, 2.15, 2.23, 2.33, 2.41, 3.07, 5.6, 6.29]),
  'atomic counter, Milan': perOp(MILAN, [2.53, 11.2, 51.7, 116, 268, 584, 1605, 2672]),
  'rwlock read, Xeon 8176': perOp(
    [1, 2, 4, 8, 16, 28, 56, 112, 192],
    [11.3, 11.6, 68.9, 130, 626, 1023, 1956, 3669, 7287],
  ),
} as const satisfies Record<string, CurveData>;

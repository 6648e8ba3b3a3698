/**
 * A histogram of latencies in bounded memory: each power of two is cut into 64 buckets of equal
 * width, as HdrHistogram does (Gil Tene). Values below 128 ns are counted exactly; above, a bucket is
 * at most 1/64 of its lower end wide and is reported by its middle, so a percentile is off by at
 * most 1/128 (0.8 %).
 *
 *   value   0 … 63 │ 64 … 127 │ 128, 130 … 254 │ 256, 260 … 508 │ …
 *   bucket  0 … 63 │ 64 … 127 │ 128    …   191 │ 192    …   255 │ …
 */

const SUB_BITS = 6;
const SUB = 1 << SUB_BITS;

/** Larger values are counted as this: 2⁴² ns, 73 minutes. */
export const MAX_LATENCY_NS: number = 2 ** 42;

const BUCKETS = bucketOf(MAX_LATENCY_NS) + 1;

/** Largest relative error of a percentile of at least 128 ns. */
export const HISTOGRAM_ERROR: number = 1 / (2 * SUB);

/** A histogram as plain data: what leaves the CPU. */
export interface HistogramRecord {
  readonly samples: number;
  /** Exact, ns. */
  readonly max: number;
  /** [bucket, count], buckets ascending, empty ones left out. */
  readonly counts: readonly (readonly [number, number])[];
}

function bucketOf(ns: number): number {
  if (ns < SUB) return ns;
  // The position of the highest bit; Math.log2 rounds up just below large powers of two.
  const octave = ns < 2 ** 32 ? 31 - Math.clz32(ns) : 63 - Math.clz32(ns / 2 ** 32);
  return (octave - SUB_BITS) * SUB + Math.floor(ns / 2 ** (octave - SUB_BITS));
}

/** The middle of a bucket, ns. */
function bucketValue(bucket: number): number {
  if (bucket < 2 * SUB) return bucket;
  const octave = Math.floor(bucket / SUB) - 1;
  const width = 2 ** octave;
  return ((bucket % SUB) + SUB) * width + (width - 1) / 2;
}

export class Histogram {
  readonly #counts: Float64Array = new Float64Array(BUCKETS);
  #samples = 0;
  #max = 0;

  /** Negative times (a clock that stepped back between two CPUs) count as 0. */
  record(ns: number): void {
    const value = Math.min(Math.max(Math.round(ns), 0), MAX_LATENCY_NS);
    const bucket = bucketOf(value);
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#samples++;
    if (value > this.#max) this.#max = value;
  }

  toRecord(): HistogramRecord {
    const counts: [number, number][] = [];
    for (const [bucket, count] of this.#counts.entries()) {
      if (count > 0) counts.push([bucket, count]);
    }
    return { samples: this.#samples, max: this.#max, counts };
  }
}

/** All samples of several CPUs or repeats together. */
export function mergeHistograms(records: readonly HistogramRecord[]): HistogramRecord {
  const sums = new Map<number, number>();
  let samples = 0;
  let max = 0;
  for (const record of records) {
    samples += record.samples;
    max = Math.max(max, record.max);
    for (const [bucket, count] of record.counts) sums.set(bucket, (sums.get(bucket) ?? 0) + count);
  }
  return { samples, max, counts: [...sums].sort(([a], [b]) => a - b) };
}

/**
 * The value that a share `p` (0 … 1) of all samples does not exceed (nearest rank), within
 * `HISTOGRAM_ERROR`. NaN without samples.
 */
export function percentile(record: HistogramRecord, p: number): number {
  if (!(p >= 0 && p <= 1))
    throw new RangeError(`a percentile is asked for as a share from 0 to 1; got ${p}`);
  if (record.samples === 0) return Number.NaN;
  const rank = Math.max(1, Math.ceil(p * record.samples));
  let seen = 0;
  for (const [bucket, count] of record.counts) {
    seen += count;
    if (seen >= rank) return Math.min(bucketValue(bucket), record.max);
  }
  return record.max;
}

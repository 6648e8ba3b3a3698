/**
 * A curve in words where no law describes it: straight lines in log-log, few enough that each is
 * within 10 % of the medians it passes (Ramer's and Douglas and Peucker's way of thinning a line).
 */

export interface CurvePoint {
  readonly cpus: number;
  readonly opsPerSecond: number;
}

/** Between two CPU counts throughput goes as n to the power of `exponent`: 1 scales, 0 stands still, below 0 collapses. */
export interface Segment {
  readonly from: number;
  readonly to: number;
  readonly exponent: number;
}

const TOLERANCE = Math.log(1.1);

/** `points` ascend in cpus, one for each count. */
export function piecewise(points: readonly CurvePoint[]): readonly Segment[] {
  const line = points.map(({ cpus, opsPerSecond }) => ({
    n: cpus,
    x: Math.log(cpus),
    y: Math.log(opsPerSecond),
  }));
  const segments: Segment[] = [];
  const split = (first: number, last: number): void => {
    const from = line[first];
    const to = line[last];
    if (from === undefined || to === undefined || first >= last) return;
    const exponent = (to.y - from.y) / (to.x - from.x);
    let furthest = 0;
    let distance = TOLERANCE;
    for (let i = first + 1; i < last; i++) {
      const off = Math.abs(line[i]!.y - (from.y + exponent * (line[i]!.x - from.x)));
      if (off > distance) [furthest, distance] = [i, off];
    }
    if (furthest === 0) {
      segments.push({ from: from.n, to: to.n, exponent });
      return;
    }
    split(first, furthest);
    split(furthest, last);
  };
  split(0, line.length - 1);
  return segments;
}

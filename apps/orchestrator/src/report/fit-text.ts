import type { Fit } from '@percpu/experiment';
import { formatRate, threeDigits } from '../format.ts';

/** A published fit in a sentence; nothing for one that may not be shown. */
export function describeFit({ variant, clock, law, cpuCounts }: Fit): string[] {
  if (law === undefined) return [];
  const { alpha, beta, gamma, mape, peak } = law;
  const ends = ({ low, high }: { low: number; high: number }): string =>
    `${coefficient(low)} to ${coefficient(high)}`;
  const where =
    peak === undefined
      ? 'no peak within reach'
      : peak.value < 1
        ? 'throughput never grows'
        : `throughput is largest at n* = ${threeDigits(peak.value)} CPUs (${ends(peak)})`;
  return [
    `${variant}${clock === 'model' ? ', modelled' : ''}: contention α = ${coefficient(alpha.value)} (${ends(alpha)}), crosstalk β = ${coefficient(beta.value)} (${ends(beta)}), one CPU γ = ${formatRate(gamma.value)}; ${where}. Mean error ${threeDigits(mape * 100)} % over ${cpuCounts.length} CPU counts.`,
  ];
}

/** α and β: below a millionth is nothing that a measurement could tell from zero. */
function coefficient(value: number): string {
  if (Math.abs(value) < 1e-6) return '0';
  return threeDigits(value).replace('-', '−');
}

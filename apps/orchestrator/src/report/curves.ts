import type { Result } from '@percpu/experiment';
import type { RunRecord } from '../record/record.ts';

/** Results that are joined by a line: one variant, under one clock, on one machine. */
export interface Curve {
  readonly variant: string;
  /** Index of the variant among those of its experiment: the same colour under every clock. */
  readonly look: number;
  /** The machine that was modelled; undefined is this host, measured. */
  readonly profile?: string;
  /** By rising CPU count. */
  readonly results: readonly Result[];
}

/** Curves of one machine, measured or modelled. */
export interface CurveGroup {
  readonly profile?: string;
  readonly curves: readonly Curve[];
}

/** The curves of one experiment: those measured first, then those of each modelled machine. */
export function groupCurves(results: readonly Result[]): CurveGroup[] {
  const variants = [...new Set(results.map(({ variant }) => variant))];
  const machines = [...new Set(results.map(machineOf))];
  // Measured first: the reader's own machine is what the rest is compared with. (Not by sorting, which
  // would put undefined last whatever a comparison says.)
  const inTurn = [
    ...machines.filter((one) => one === undefined),
    ...machines.filter((one) => one !== undefined),
  ];
  return inTurn.map((profile) => {
    const own = results.filter((result) => machineOf(result) === profile);
    const curves = variants.flatMap((variant, look): Curve[] => {
      const found = own.filter((result) => result.variant === variant);
      if (found.length === 0) return [];
      const sorted = found.toSorted((a, b) => a.cpus - b.cpus);
      return [{ variant, look, ...(profile === undefined ? {} : { profile }), results: sorted }];
    });
    return { ...(profile === undefined ? {} : { profile }), curves };
  });
}

function machineOf({ clock, profile }: Result): string | undefined {
  return clock === 'parallel' ? undefined : (profile ?? clock);
}

/** `measured`, or `modelled: Intel Xeon 8176, 8 sockets`. */
export function clockName({ profile }: CurveGroup, record: RunRecord): string {
  return profile === undefined ? 'measured on this host' : `modelled: ${titleOf(profile, record)}`;
}

/** A modelled machine in words; its name where the record knows no more. */
export function titleOf(profile: string, { machines = [] }: RunRecord): string {
  return machines.find(({ name }) => name === profile)?.title ?? profile;
}

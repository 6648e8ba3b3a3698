import { explorations } from '@percpu/machine/explorations';
import { explorePinned } from '../../src/vitest/index.ts';
import type { Pins } from '../../src/vitest/index.ts';

/** Those of the machine's explorations that `pins` names. */
export function exploreNamed(pins: Pins): void {
  const named = new Set(Object.values(pins).flatMap((table) => Object.keys(table as object)));
  explorePinned(
    explorations.filter(({ name }) => named.has(name)),
    pins,
  );
}

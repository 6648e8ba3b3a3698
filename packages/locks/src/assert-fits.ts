import type { LayoutInfo } from '@percpu/memory';

/** A relation between constants that must hold before anything runs: the struct has at most `bytes` bytes. */
export function assertFits(layout: LayoutInfo, bytes: number): void {
  if (layout.size > bytes) {
    throw new RangeError(
      `${layout.layoutName} has ${layout.size} bytes; accepted are at most ${bytes}`,
    );
  }
}

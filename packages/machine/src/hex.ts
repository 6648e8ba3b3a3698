/** A u32 as reports show addresses and packed words: `0x0001a080`. */
export function hex(value: number): string {
  return `0x${value.toString(16).padStart(8, '0')}`;
}

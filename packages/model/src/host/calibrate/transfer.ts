/**
 * From a ping-pong to what a line takes between two cores. One way of it is two journeys of the line's messages: the spinner has
 * a copy, so the store first has it taken away; then the spinner fetches the line. To count both as one makes every
 * hand-over twice as dear. The accesses themselves, as dear as on an own line, are no journey.
 */

/** ns; `oneWay`: from a store to the answering store of the other core, which spins with plain loads. */
export function transferOf(
  oneWay: number,
  { hit, rmw }: { readonly hit: number; readonly rmw: number },
): number {
  return Math.max(0, oneWay - hit - rmw) / 2;
}

/**
 * Which part of a journey the last owner goes on using a line, from how fast contended read-modify-writes follow each other: the
 * inverse of what coherence.ts makes of it, (transfer + rmw) / (1 + grip × transfer / rmw).
 */
export function gripOf(interval: number, transfer: number, rmw: number): number {
  const operations = (transfer + rmw) / interval;
  return Math.min(1, Math.max(0, ((operations - 1) * rmw) / transfer));
}

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

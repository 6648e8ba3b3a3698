/** What a CPU is about to do under the virtual clock; see virtual-clock.ts. */
export const Phase = { issue: 0, serve: 1, delay: 2, spin: 3, asleep: 4, waking: 5 } as const;

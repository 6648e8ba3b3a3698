/** What the strategies that sample have in common: first a process (a CPU, or an interrupt for it), then one of its choices. */
import type { Random } from '@percpu/experiment';
import type { Choices } from '../engine/choice.ts';

/** Those that can do something. `into` is used again. */
export function enabledProcesses({ list }: Choices, into: number[]): number[] {
  into.length = 0;
  for (const { process } of list) if (into.at(-1) !== process) into.push(process);
  return into;
}

/** Any one choice of `process`, all alike; index into the list. */
export function anyChoiceOf(process: number, { list }: Choices, random: Random): number {
  let first = 0;
  while (list[first]!.process !== process) first++;
  let count = 1;
  while (list[first + count]?.process === process) count++;
  return count === 1 ? first : first + random.below(count);
}

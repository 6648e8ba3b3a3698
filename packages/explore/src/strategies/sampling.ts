import type { Random } from '@percpu/experiment';
import type { Choices } from '../engine/choice.ts';

/** What the strategies that sample have in common: first a CPU, then one of its choices. */

/** The CPUs that something can happen on, in ascending order. `into` is used again. */
export function enabledCpus({ list }: Choices, into: number[]): number[] {
  into.length = 0;
  for (const { cpu } of list) if (into.at(-1) !== cpu) into.push(cpu);
  return into;
}

/** Any one choice of `cpu`, all alike; index into the list. */
export function anyChoiceOf(cpu: number, { list }: Choices, random: Random): number {
  let first = 0;
  while (list[first]!.cpu !== cpu) first++;
  let count = 1;
  while (list[first + count]?.cpu === cpu) count++;
  return count === 1 ? first : first + random.below(count);
}

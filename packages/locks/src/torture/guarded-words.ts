/** What a torture guards with a lock: words that must never be seen apart, and a count of those inside. */
import type { Cpu } from '@percpu/machine';
import { cacheAligned, layout } from '@percpu/memory';
import type { Layout, Ptr } from '@percpu/memory';

const fields = {
  /** Atomic: it has to be right when the lock is wrong. */
  inside: cacheAligned('u32'),
  /** Sections, ever. Atomic, as `inside`. */
  sections: cacheAligned('u32'),
  /** Plain, guarded: one more each section, on lines of their own. */
  first: cacheAligned('u32'),
  second: cacheAligned('u32'),
} as const;

export const GuardedWords: Layout<Record<'inside' | 'sections' | 'first' | 'second', unknown>> =
  layout(fields, {
    name: 'GuardedWords',
  });

/** Of a lock that admits one. `ns`: how long it takes. Throws when somebody else is inside or the words are apart. */
export function exclusiveSection(cpu: Cpu, at: Ptr, ns: number): void {
  const { memory } = cpu;
  const before = memory.fetchAdd(at + GuardedWords.inside, 1);
  if (before !== 0) throw new Error(`${before} inside already, when CPU#${cpu.id} came in`);
  const first = memory.read(at + GuardedWords.first);
  memory.write(at + GuardedWords.first, first + 1);
  if (ns > 0) cpu.delay(ns);
  const second = memory.read(at + GuardedWords.second);
  if (second !== first) throw new Error(`the guarded words are apart: ${first} and ${second}`);
  memory.write(at + GuardedWords.second, second + 1);
  memory.fetchAdd(at + GuardedWords.sections, 1);
  memory.fetchAdd(at + GuardedWords.inside, -1);
}

/** At the end: no section was lost, nobody is inside. */
export function verifySections({ memory }: Cpu, at: Ptr): void {
  const sections = memory.load(at + GuardedWords.sections);
  const first = memory.read(at + GuardedWords.first);
  if (first !== sections) throw new Error(`${sections} sections left ${first} marks`);
  const inside = memory.load(at + GuardedWords.inside);
  if (inside !== 0) throw new Error(`${inside} are inside at the end`);
}

/** What explorations of the locks for plain threads share: each thread has an object of its own for the same words. */
import { exploration } from '@percpu/experiment';
import type { Exploration, ExplorationDefinition, Program } from '@percpu/experiment';

/** No turns before a sleep: they would only multiply the schedules. */
export const NO_SPINS = { spins: 0 } as const;
/** Long enough never to be over by itself: the explorer decides. */
export const SOME_TIME = 1e6;

/** A plain word that the lock guards. */
export type Word = Int32Array;

export function word(): Word {
  return new Int32Array(new SharedArrayBuffer(4));
}

export function increment(guarded: Word): void {
  guarded[0]!++;
}

export function expectCount(guarded: Word, expected: number): void {
  if (guarded[0] !== expected) throw new Error(`counted to ${guarded[0]}, expected ${expected}`);
}

type OnWords<S> = Omit<ExplorationDefinition<S>, 'on' | 'title'> & { readonly title?: string };

/** An exploration on bare words. */
export function onWords<S>(definition: OnWords<S>): Exploration {
  return exploration<S>({ title: definition.name, ...definition, on: 'memory' });
}

export type P = Program;

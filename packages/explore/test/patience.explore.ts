/** A search is over when the time is, whatever the programs do, and says which of the two was slow. */
import { findByName } from '@percpu/experiment';
import { expect, test } from 'vitest';
import { judge } from '../src/vitest/judge.ts';
import { explorations } from './programs/explorations.ts';

const named = (name: string): (typeof explorations)[number] =>
  findByName(explorations, name, 'exploration');

test('a program that never yields is ended, and named', () => {
  expect(() => judge(named('never-yields'), 'exhaustive', 1000)).toThrow(
    /never-yields: nothing heard of it for 1 s, after 0 schedules.*Look for a loop without an access/,
  );
});

test('a search that goes on is ended, and says how far it got', () => {
  expect(() => judge(named('endless'), 'exhaustive', 1500, {})).toThrow(
    /endless: not done after 1\.5 s and [1-9]\d* schedules: make the programs shorter/,
  );
});

test('the next search knows nothing of it', () => {
  judge(named('passing'), 'exhaustive', 60_000, { schedules: 2 });
});

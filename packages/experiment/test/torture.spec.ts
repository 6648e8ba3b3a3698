import { describe, expect, test } from 'vitest';
import { DefinitionError, torture, tortureList } from '../src/index.ts';
import type { Torture } from '../src/index.ts';

const valid = {
  name: 'a-torture',
  title: 'A torture',
  description: 'Something must hold.',
  setup: () => 64,
  round: () => {},
} as const;

function make(changes: object = {}): Torture {
  return torture({ ...valid, ...changes });
}

test('is frozen and has its defaults', () => {
  const made = make();
  expect(made).toMatchObject({ minCpus: 2, tasks: 1, arenaBytes: 65_536, mustFail: undefined });
  expect(Object.isFrozen(made)).toBe(true);
});

describe('what is refused, and why', () => {
  test.each([
    [{ name: 'A Torture' }, /name must be kebab-case.*"A Torture"/],
    [{ title: ' ' }, /torture a-torture: title must say something; got " "/],
    [{ round: undefined }, /round must be a function; got undefined/],
    [{ verify: 1 }, /verify must be a function; got 1/],
    [{ tasks: 0 }, /tasks must be a whole number from 1 to 64; got 0/],
    [{ minCpus: 1.5 }, /minCpus must be 1 to/],
    [{ arenaBytes: -1 }, /arenaBytes must be a whole number/],
    [{ mustFail: 'inside' }, /mustFail must be a regular expression.*"inside"/],
    [{ roundd: () => {} }, /unknown field "roundd"; known are/],
  ])('%j', (changes, message) => {
    expect(() => make(changes)).toThrow(DefinitionError);
    expect(() => make(changes)).toThrow(message);
  });

  test('a name given twice', () => {
    expect(() => tortureList([make(), make()])).toThrow('two tortures are called a-torture');
  });
});

import { describe, expect, test } from 'vitest';
import type { Parameter } from '../../src/index.ts';
import {
  checkParameters,
  CORE_PARAMETERS,
  nearestName,
  parameter,
  parameterValue,
} from '../../src/index.ts';

const declared: readonly Parameter[] = [
  parameter('a.count', { type: 'u32', default: 5, min: 1, max: 10, description: 'count' }),
  parameter('a.ratio', { type: 'f64', default: 0.5, min: 0, max: 1, description: 'ratio' }),
  parameter('a.flag', { type: 'boolean', default: false, description: 'flag' }),
  parameter('a.kind', { type: 'string', default: 'x', values: ['x', 'y'], description: 'kind' }),
  parameter('a.name', { type: 'string', default: '', description: 'name' }),
];

test.each<[Record<string, unknown>]>([
  [{}],
  [{ 'a.count': 1 }],
  [{ 'a.count': 10, 'a.ratio': 0, 'a.flag': true, 'a.kind': 'y', 'a.name': 'anything at all' }],
])('accepts %j', (given) => {
  expect(checkParameters(given, declared)).toEqual(given);
});

test.each<[Record<string, unknown>, string]>([
  // given                the sentence
  [{ 'a.count': 0 }, 'boot parameter a.count=0: accepted is a whole number from 1 to 10'],
  [{ 'a.count': 11 }, 'boot parameter a.count=11: accepted is a whole number from 1 to 10'],
  [{ 'a.count': 1.5 }, 'boot parameter a.count=1.5: accepted is a whole number from 1 to 10'],
  [{ 'a.count': '5' }, 'boot parameter a.count="5": accepted is a whole number from 1 to 10'],
  [{ 'a.count': NaN }, 'boot parameter a.count=NaN: accepted is a whole number from 1 to 10'],
  [{ 'a.count': null }, 'boot parameter a.count=null: accepted is a whole number from 1 to 10'],
  [{ 'a.ratio': 1.1 }, 'boot parameter a.ratio=1.1: accepted is a number from 0 to 1'],
  [{ 'a.ratio': Infinity }, 'boot parameter a.ratio=Infinity: accepted is a number from 0 to 1'],
  [{ 'a.flag': 'yes' }, 'boot parameter a.flag="yes": accepted is true or false'],
  [{ 'a.kind': 'z' }, 'boot parameter a.kind="z": accepted is one of x, y'],
  [{ 'a.name': 3 }, 'boot parameter a.name=3: accepted is a string'],
  [
    { 'a.flog': true },
    'unknown boot parameter "a.flog"; did you mean a.flag? (known: a.count, a.flag, a.kind, a.name, a.ratio)',
  ],
  [
    { colour: true },
    'unknown boot parameter "colour" (known: a.count, a.flag, a.kind, a.name, a.ratio)',
  ],
  [
    { constructor: 1 },
    'unknown boot parameter "constructor" (known: a.count, a.flag, a.kind, a.name, a.ratio)',
  ],
])('refuses %j', (given, sentence) => {
  expect(() => checkParameters(given, declared)).toThrow(sentence);
});

describe('a declaration', () => {
  test('whose default is not acceptable is refused at once', () => {
    expect(() => parameter('b', { type: 'u32', default: 3, max: 2, description: '' })).toThrow(
      'the default of b=3: accepted is a whole number from 0 to 2',
    );
  });

  test('gives the value of this machine, or the default', () => {
    const count = declared[0] as Parameter<number>;
    expect(parameterValue({}, count)).toBe(5);
    expect(parameterValue({ 'a.count': 7 }, count)).toBe(7);
  });

  test('of the machine itself has a description and a dotted or a kernel name', () => {
    for (const { name, description } of CORE_PARAMETERS) {
      expect([name, description.length > 10]).toEqual([name, true]);
      expect(name).toMatch(/^[a-z]\w*(\.\w+)*$/i);
    }
    expect(new Set(CORE_PARAMETERS.map(({ name }) => name)).size).toBe(CORE_PARAMETERS.length);
  });
});

test.each([
  ['spin.budgte', 'spin.budget'],
  ['spinbudget', 'spin.budget'],
  ['SPIN.BUDGET', undefined],
  ['x', undefined],
])('the known name nearest to %s', (name, nearest) => {
  expect(nearestName(name, ['spin.budget', 'watchdog.thresh'])).toBe(nearest);
});

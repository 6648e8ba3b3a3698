import { expect, test } from 'vitest';
import { DEFAULTS, readOptions, UsageError } from '../src/options.ts';

const nothing = { json: false, help: false, ...DEFAULTS };

test.each<[readonly string[], Partial<typeof nothing>]>([
  [[], {}],
  [['--json'], { json: true }],
  [['-h'], { help: true }],
  [['--seconds', '0.5', '--rounds', '3'], { seconds: 0.5, rounds: 3 }],
  [['--seconds=3600', '--rounds=1000'], { seconds: 3600, rounds: 1000 }],
])('%j', (argv, given) => {
  expect(readOptions(argv)).toEqual({ ...nothing, ...given });
});

test.each<[readonly string[], RegExp]>([
  [['--seconds', '0'], /--seconds 0; accepted is a number above 0, at most 3600/],
  [['--seconds', '3601'], /--seconds 3601; accepted/],
  [['--seconds=-1'], /--seconds -1; accepted/],
  [['--seconds', 'soon'], /--seconds soon; accepted/],
  [['--seconds='], /--seconds ; accepted/],
  [['--rounds', '0'], /--rounds 0; accepted is a whole number from 1 to 1000/],
  [['--rounds', '2.5'], /--rounds 2\.5; accepted/],
  [['--rounds', '1001'], /--rounds 1001; accepted/],
  [['--rounds'], /--rounds.*--help/],
  [['--round', '3'], /--round.*--help/],
  [['ticket'], /ticket.*--help/],
])('%j is refused', (argv, message) => {
  expect(() => readOptions(argv)).toThrow(UsageError);
  expect(() => readOptions(argv)).toThrow(message);
});

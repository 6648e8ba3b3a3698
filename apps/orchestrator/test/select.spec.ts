/** What is run when nothing is asked for: a look at each experiment, not all that it has. */
import { experiment } from '@percpu/experiment';
import { expect, test } from 'vitest';
import { selectPoints } from '../src/measure/select.ts';
import type { Selection } from '../src/measure/select.ts';

const locks = experiment({
  name: 'made-locks',
  title: 'Locks',
  description: 'Some of them.',
  variants: { one: 1, two: 2, three: 3 },
  overview: ['one', 'three'],
  cpus: { parallel: [1, 2, 4, 16], model: [1, 64] },
  body: () => 1,
});

const catalogue = {
  experiments: [{ package: 'made', module: 'made', entry: locks, parameters: [] }],
  ...{ scenarios: [], explorations: [], tortures: [], versions: {} },
};
const everything: Selection = {
  ...{ names: [], variants: undefined, cpus: undefined, clock: 'parallel', knobs: [] },
};
const run = (selection: Partial<Selection>): { points: string[]; notices: readonly string[] } => {
  const { points, notices } = selectPoints(catalogue, { ...everything, ...selection }, 2);
  return { points: points.map(({ variant, cpus }) => `${variant} ${cpus}`), notices };
};

test.each<[string, Partial<Selection>, string[]]>([
  ['of everything', {}, ['one 1', 'three 1', 'one 2', 'three 2', 'one 4', 'three 4']],
  ['modelled', { clock: 'model' }, ['one 1', 'three 1', 'one 64', 'three 64']],
  ['one variant of everything', { variants: ['two'] }, ['two 1', 'two 2', 'two 4']],
  ['some counts of everything', { cpus: [16] }, ['one 16', 'three 16']],
])('%s', (_, selection, points) => {
  expect(run(selection).points).toEqual(points);
});

test('by name there is all of it', () => {
  const { points, notices } = run({ names: ['made-locks'] });
  expect(points).toHaveLength(3 * 4);
  expect(notices).toEqual([]);
});

test('what was left out is said', () => {
  expect(run({}).notices).toEqual([
    'made-locks has more variants, when it is asked for by name: two',
  ]);
});

/** docs/explorations.md, from what the tests left behind. */
import type { Explored, ExploredFile } from './record.ts';

interface Row {
  readonly name: string;
  readonly twin: boolean;
  readonly schedules: string;
  readonly preemptions: string;
  readonly strategies: string;
  readonly seconds: number;
}

const INTRODUCTION = [
  'Every exploration of the packages, as the test suite runs it. Of what must hold: how many schedules there are (all that differ, or all',
  'within the bound on preemptions; the number is pinned in the test), and with which strategies more were drawn. Of a busted twin: within',
  'how many schedules each of its strategies must find what is wrong. Seconds are those of all its strategies together.',
].join('\n');

export function explorationsPage(files: readonly ExploredFile[], where: string): string {
  const all = files.flatMap(({ explored }) => explored);
  const names = new Map(all.map(({ name, twin }) => [name, twin]));
  const twins = [...names.values()].filter(Boolean).length;
  const seconds = all.reduce((sum, one) => sum + one.seconds, 0);
  const packages = [...new Set(files.map((file) => file.package))];
  return [
    '# What is explored',
    INTRODUCTION,
    `${names.size - twins} explorations that must hold and ${twins} busted twins: ${all.length} searches in ${Math.round(seconds)} s of one core ` +
      `(${where}). Again: \`npm run explorations\`; one of them: \`npm run percpu -- explore NAME\`.`,
    ...packages.flatMap((name) => [
      `## ${name}`,
      ...files.filter((file) => file.package === name).flatMap(section),
    ]),
  ].join('\n\n');
}

/** What must agree: all but the seconds. */
export function withoutSeconds(page: string): string {
  return page
    .replace(/searches in \d+ s of one core\s\(.*?\)\. Again/s, '')
    .replaceAll(/\d+\.\d+\s*\|$/gm, '')
    .replaceAll(/[ -]+/g, ' ');
}

function section({ file, explored }: ExploredFile): string[] {
  const title = file.replace(/^test\/(explore\/)?/, '').replace(/\.explore\.ts$/, '');
  const names = [...new Set(explored.map(({ name }) => name))];
  const rows = names.map((name) => rowOf(explored.filter((one) => one.name === name)));
  return [
    `### ${title}`,
    [
      '| exploration | | schedules | preemptions | strategies | seconds |',
      '| --- | --- | --- | --- | --- | --- |',
      ...rows.map(
        (row) =>
          `| \`${row.name}\` | ${row.twin ? 'twin' : ''} | ${row.schedules} | ${row.preemptions} | ${row.strategies} | ${row.seconds.toFixed(2)} |`,
      ),
    ].join('\n'),
  ];
}

function rowOf(runs: readonly Explored[]): Row {
  const [first] = runs;
  const { name, twin, preemptions } = first!;
  const exhaustive = runs.find(({ strategy }) => strategy === 'exhaustive');
  const drawn = runs.filter(({ strategy }) => strategy !== 'exhaustive');
  return {
    name,
    twin,
    schedules: schedulesOf(runs, exhaustive),
    preemptions: exhaustive === undefined || preemptions === null ? '' : String(preemptions),
    strategies: drawn
      .map(({ strategy, budget }) => `${strategy} ${budget ?? ''}`.trim())
      .join(', '),
    seconds: runs.reduce((sum, { seconds }) => sum + seconds, 0),
  };
}

function schedulesOf([first]: readonly Explored[], exhaustive: Explored | undefined): string {
  if (first!.twin) return first!.budget === null ? '' : `≤ ${first!.budget}`;
  return exhaustive === undefined ? '' : String(exhaustive.schedules);
}

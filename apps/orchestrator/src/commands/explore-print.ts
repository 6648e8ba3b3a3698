import type { Exploration, ExplorationResult } from '@percpu/experiment';
import { layOut } from '../cli/table.ts';
import type { Terminal } from '../cli/terminal.ts';
import type { Discovered } from '../discovery/catalogue.ts';
import { judge } from '../explore/judge.ts';
import type { Judgement } from '../explore/judge.ts';
import { formatDuration, formatRate, plural } from '../format.ts';
import { quote } from '../record/command.ts';

/**
 * What came of one exploration: a line, and for each failure its table and how to see it again. Those of
 * a busted twin that did as it should only `inFull`: among many they would hide what matters.
 */
export function printResult(
  terminal: Terminal,
  { package: from }: Discovered<Exploration>,
  result: ExplorationResult,
  { expected, says }: Judgement,
  inFull: boolean,
): void {
  const { name } = result;
  const failures = inFull || !expected ? result.failures : [];
  const verdict = terminal.style(expected ? 'green' : 'red', expected ? 'ok' : 'not ok');
  terminal.print(
    `${verdict}  ${terminal.style('bold', name)}  ${says}  ${terminal.style('dim', `${from}; ${figures(result)}`)}`,
  );
  for (const { kind, message, replay, table } of failures) {
    terminal.print();
    terminal.print(`  ${terminal.style(expected ? 'bold' : 'red', kind)}: ${message}`);
    if (table !== '') {
      terminal.print();
      for (const row of table.trimEnd().split('\n')) terminal.print(`  ${row}`.trimEnd());
    }
    if (replay !== '') {
      terminal.print();
      terminal.print(`  again: percpu explore ${name} --replay ${quote(replay)}`);
    }
  }
  if (failures.length > 0) terminal.print();
}

/** `34 schedules, all there are, by dpor; 0.1 s, 12.5 k/s` */
function figures({
  strategy,
  schedules,
  exhausted,
  seconds,
  schedulesPerSecond,
}: ExplorationResult): string {
  const all = exhausted ? ', all that differ,' : '';
  return `${plural(schedules, 'schedule')}${all} by ${strategy}; ${formatDuration(seconds)}, ${formatRate(schedulesPerSecond)}`;
}

/** After several of them. */
export function printTotal(
  terminal: Terminal,
  chosen: readonly Discovered<Exploration>[],
  results: readonly ExplorationResult[],
): void {
  const wrong = results.filter((result) => {
    const found = chosen.find(({ entry }) => entry.name === result.name);
    return found !== undefined && !judge(found.entry, result).expected;
  });
  const schedules = results.reduce((sum, result) => sum + result.schedules, 0);
  const seconds = results.reduce((sum, result) => sum + result.seconds, 0);
  terminal.print();
  const rows = [
    ['explorations', `${results.length} of ${chosen.length}`],
    [
      'not as expected',
      wrong.length === 0 ? '0' : `${wrong.length}: ${wrong.map(({ name }) => name).join(' ')}`,
    ],
    ['exhausted', String(results.filter(({ exhausted }) => exhausted).length)],
    ['schedules', `${schedules} in ${formatDuration(seconds)}`],
  ];
  for (const line of layOut(rows, { left: [0, 1] })) terminal.print(line);
}

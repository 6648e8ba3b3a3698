/**
 * A run as a table: one row an event, one column a CPU, time downwards.
 *
 *   step  CPU 0                              CPU 1
 *   ────  ─────────────────────────────────  ─────────────────────────────────
 *      1  store inbox.flag = 1   send:12
 *   »  2                                     load inbox.flag → 1   receive:20
 *
 * Interrupts are indented. A `»` marks what the finding is about.
 */
import type { AddressNames } from '@percpu/simulator';
import type { FoundAccess } from '../engine/outcome.ts';
import type { TraceEvent } from '../engine/trace-event.ts';
import { eventText, foldedText } from './event-text.ts';
import { foldEvents } from './fold-events.ts';
import type { Shown } from './fold-events.ts';

export interface TableOptions {
  /** Columns of the terminal. Default 120. */
  readonly width?: number;
  /** A longer run is shown without its middle. Default 150. */
  readonly rows?: number;
  /** A trace of so many events is shown without the details of going to sleep. Default 40. */
  readonly foldFrom?: number;
  /** Rows to mark. */
  readonly marked?: readonly FoundAccess[];
}

const WIDTH = 120;
const ROWS = 150;
/** Of these, so many from the beginning. */
const FIRST_ROWS = 30;
const GAP = '  ';
/** Narrower columns cannot be read: then one column for all, with the CPU's number. */
const LEAST_COLUMN = 26;
/** What is indented deeper is not told apart. */
const MAX_DEPTH = 4;

interface Row {
  readonly step: string;
  readonly marked: boolean;
  readonly cpu: number;
  readonly indent: string;
  readonly text: string;
  readonly place: string;
}

export function renderTable(
  events: readonly TraceEvent[],
  names: AddressNames,
  options: TableOptions = {},
): string {
  const { width = WIDTH, rows: most = ROWS, marked = [] } = options;
  if (events.length === 0) return 'nothing happened in this run';
  const rows = rowsOf(foldEvents(events, options.foldFrom), names, marked);
  const cpus = [...new Set(rows.map(({ cpu }) => cpu))].sort((a, b) => a - b);
  const margin = Math.max(4, ...rows.map(({ step }) => step.length + 2));
  const room = Math.floor((width - margin) / cpus.length) - GAP.length;
  const columns = room >= LEAST_COLUMN ? cpus : [];
  const cells = rows.map((row) =>
    columns.length === 0
      ? [wrap({ ...row, indent: `CPU ${row.cpu}  ${row.indent}` }, width - margin - GAP.length)]
      : columns.map((cpu) => (cpu === row.cpu ? wrap(row, room) : [])),
  );
  const widths = cells[0]!.map((_, column) =>
    Math.max(5, ...cells.flatMap((row) => row[column]!.map(({ length }) => length))),
  );
  const titles = columns.length === 0 ? [''] : columns.map((cpu) => `CPU ${cpu}`);
  const lines = [
    line('step'.padStart(margin), titles, widths),
    line(
      '────'.padStart(margin),
      widths.map((n) => '─'.repeat(n)),
      widths,
    ),
  ];
  const cut = rows.length - most;
  for (const [i, row] of rows.entries()) {
    if (cut > 0 && i >= FIRST_ROWS && i < FIRST_ROWS + cut) {
      if (i === FIRST_ROWS) lines.push(`${' '.repeat(margin)}${GAP}… ${cut} events …`);
      continue;
    }
    const height = Math.max(...cells[i]!.map(({ length }) => length));
    for (let y = 0; y < height; y++) {
      const number = (y === 0 ? row.step : '').padStart(margin);
      const left = row.marked && y === 0 ? `»${number.slice(1)}` : number;
      lines.push(
        line(
          left,
          cells[i]!.map((cell) => cell[y] ?? ''),
          widths,
        ),
      );
    }
  }
  return lines.join('\n');
}

function rowsOf(
  events: readonly Shown[],
  names: AddressNames,
  marked: readonly FoundAccess[],
): readonly Row[] {
  const depths = new Map<number, number>();
  let lastStep = -1;
  return events.map(([event, ...more]) => {
    const { cpu, step, kind } = event;
    const depth = depths.get(cpu) ?? 0;
    const outside = kind === 'returned' ? Math.max(0, depth - 1) : depth;
    if (kind === 'interrupt' || kind === 'timer') depths.set(cpu, depth + 1);
    if (kind === 'returned') depths.set(cpu, outside);
    const row = {
      // Plain accesses belong to the step before them.
      step: step === lastStep ? '' : String(step),
      marked: [event, ...more].some((each) => marked.some((one) => isSame(one, each))),
      cpu,
      indent: '│ '.repeat(Math.min(outside, MAX_DEPTH)),
      ...(more.length === 0 ? eventText(event, names) : foldedText(more.length + 1, event)),
    };
    lastStep = (more.at(-1) ?? event).step;
    return row;
  });
}

function isSame(one: FoundAccess, { cpu, step, op, site }: TraceEvent): boolean {
  return one.cpu === cpu && one.step === step && one.op === op && one.site === site;
}

/** The text and the place on one line if they fit, else on two or more. */
function wrap({ indent, text, place }: Row, width: number): readonly string[] {
  const whole = indent + text + (place === '' ? '' : `   ${place}`);
  if (whole.length <= width) return [whole];
  const room = width - indent.length;
  const lines = fold(text, room).map((part, i) => indent + (i === 0 ? '' : '  ') + part);
  if (place !== '') lines.push(...fold(place, room - 4).map((part) => `${indent}    ${part}`));
  return lines;
}

/** In pieces of at most `width`, at spaces where there are any. */
function fold(text: string, width: number): string[] {
  const most = Math.max(8, width - 2);
  const pieces: string[] = [];
  let rest = text;
  while (rest.length > most) {
    const space = rest.lastIndexOf(' ', most);
    const end = space > most / 2 ? space : most;
    pieces.push(rest.slice(0, end));
    rest = rest.slice(end).trimStart();
  }
  pieces.push(rest);
  return pieces;
}

function line(left: string, cells: readonly string[], widths: readonly number[]): string {
  return (left + GAP + cells.map((cell, i) => cell.padEnd(widths[i]!)).join(GAP)).trimEnd();
}

import { shownLength } from './terminal.ts';

export interface TableOptions {
  /** Columns flush left; all others are flush right, as numbers should be. */
  readonly left?: readonly number[];
  readonly indent?: number;
}

/**
 * Lays out rows in columns that are as wide as their widest cell. Colour codes do not count.
 *
 * @returns one string a row, without trailing blanks.
 */
export function layOut(rows: readonly (readonly string[])[], options: TableOptions = {}): string[] {
  const left = new Set(options.left ?? [0]);
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, shownLength(cell));
    });
  }
  const indent = ' '.repeat(options.indent ?? 2);
  return rows.map((row) => {
    const cells = row.map((cell, column) => {
      const blanks = ' '.repeat((widths[column] ?? 0) - shownLength(cell));
      return left.has(column) ? cell + blanks : blanks + cell;
    });
    return `${indent}${cells.join('   ')}`.trimEnd();
  });
}

/** The lines of a memory, made when they are first touched. */
import { Line } from './line.ts';

const LINES_PER_PAGE = 64;

export class LineTable {
  /** Bytes of a line, as a shift. */
  readonly shift: number;
  private readonly pages: (Line[] | undefined)[] = [];

  constructor(lineBytes: number) {
    this.shift = Math.log2(lineBytes);
  }

  at(address: number): Line {
    const number = address >>> this.shift;
    const page = (this.pages[number >>> 6] ??= newPage(number & ~(LINES_PER_PAGE - 1)));
    return page[number & (LINES_PER_PAGE - 1)]!;
  }

  /** All lines touched so far, by address. */
  *all(): Generator<Line, void, void> {
    for (const page of this.pages) if (page !== undefined) yield* page;
  }
}

function newPage(first: number): Line[] {
  return Array.from({ length: LINES_PER_PAGE }, (_, index) => new Line(first + index));
}

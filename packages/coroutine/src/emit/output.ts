/**
 * Generated text, piece by piece, each with the place in the original that it stands for. The same original
 * text may come out several times: a function and its twin.
 */
import { encodeMappings } from './source-map.ts';
import type { Segment } from './source-map.ts';

export interface SourceMap {
  readonly version: 3;
  readonly file: string;
  readonly sources: string[];
  readonly sourcesContent: string[];
  readonly names: string[];
  readonly mappings: string;
}

interface Piece {
  text: string;
  /** Offset in the original. */
  readonly at: number;
  /** Is `text` the original text at `at`? Else all of it maps to `at`. */
  readonly copied: boolean;
}

/** Text that is known later: the declaration of temporaries. */
export interface Slot {
  text: string;
}

export class Output {
  readonly source: string;
  readonly #pieces: Piece[] = [];

  constructor(source: string) {
    this.source = source;
  }

  /** The original text from `from` to `to`. */
  copy(from: number, to: number): void {
    if (to > from) this.#pieces.push({ text: this.source.slice(from, to), at: from, copied: true });
  }

  /** New text that stands for the original at `at`. */
  write(text: string, at: number): void {
    this.#pieces.push({ text, at, copied: false });
  }

  slot(at: number): Slot {
    const piece: Piece = { text: '', at, copied: false };
    this.#pieces.push(piece);
    return piece;
  }

  finish(file: string): { code: string; map: SourceMap } {
    const code = this.#pieces.map(({ text }) => text).join('');
    const starts = lineStarts(this.source);
    const lines: Segment[][] = [[]];
    let column = 0;
    const mark = (at: number): void => {
      const line = lineOf(starts, at);
      lines.at(-1)!.push([column, line, at - starts[line]!]);
    };
    for (const { text, at, copied } of this.#pieces) {
      if (text === '') continue;
      mark(at);
      let from = 0;
      for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
        from = end + 1;
        column = 0;
        lines.push([]);
        if (from < text.length) mark(copied ? at + from : at);
      }
      column += text.length - from;
    }
    const map: SourceMap = {
      version: 3,
      file,
      sources: [file],
      sourcesContent: [this.source],
      names: [],
      mappings: encodeMappings(lines),
    };
    return { code, map };
  }
}

export function lineStarts(source: string): number[] {
  const starts = [0];
  for (let at = source.indexOf('\n'); at >= 0; at = source.indexOf('\n', at + 1)) {
    starts.push(at + 1);
  }
  return starts;
}

/** Number of the line, from 0, in which the offset `at` lies. */
export function lineOf(starts: readonly number[], at: number): number {
  let low = 0;
  let high = starts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (starts[middle]! <= at) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

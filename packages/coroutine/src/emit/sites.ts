/** The table of shared accesses of one module. */
import type { Node } from '../syntax/ast.ts';
import { lineOf, lineStarts } from './output.ts';

const TEXT_LIMIT = 60;

/** Source on one line, for people. */
export function shorten(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length > TEXT_LIMIT ? `${line.slice(0, TEXT_LIMIT - 1)}…` : line;
}

export class Sites {
  readonly #source: string;
  readonly #lines: readonly number[];
  readonly #numbers = new Map<Node, number>();
  readonly #rows: [line: number, column: number, functionName: string, text: string][] = [];

  constructor(source: string) {
    this.#source = source;
    this.#lines = lineStarts(source);
  }

  /** Number of `node` in the table. A node that is emitted twice is one site. */
  numberOf(node: Node, at: number, functionName: string): number {
    const before = this.#numbers.get(node);
    if (before !== undefined) return before;
    const { line, column } = this.position(at);
    const text = shorten(this.#source.slice(node.start, node.end));
    const number = this.#rows.push([line, column, functionName, text]) - 1;
    this.#numbers.set(node, number);
    return number;
  }

  /** From 1. */
  position(at: number): { line: number; column: number } {
    const line = lineOf(this.#lines, at);
    return { line: line + 1, column: at - this.#lines[line]! + 1 };
  }

  /** Arguments of `registerSites`; '' if there is no site. */
  arguments(file: string): string {
    if (this.#rows.length === 0) return '';
    return `${JSON.stringify(file)},${JSON.stringify(this.#rows)}`;
  }
}

/** A program that cannot be transformed: what is wrong, and where in the original source. */
export class CoroutineError extends Error {
  override readonly name = 'CoroutineError';
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;

  constructor(message: string, file: string, line: number, column: number) {
    super(`${file}:${line}:${column}: ${message}`);
    this.file = file;
    this.line = line;
    this.column = column;
  }
}

/** The `mappings` of a source map, version 3 (ECMA-426): differences in base 64 with variable length. */

/** Generated column, original line, original column, all from 0. */
export type Segment = readonly [generated: number, line: number, column: number];

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** The sign is the lowest bit; five bits a digit, lowest first; the sixth says that more follow. */
function encode(value: number): string {
  let rest = value < 0 ? (-value << 1) | 1 : value << 1;
  let text = '';
  do {
    const digit = rest & 31;
    rest >>>= 5;
    text += DIGITS[rest > 0 ? digit | 32 : digit]!;
  } while (rest > 0);
  return text;
}

/** One list of segments for each generated line. There is one source, number 0. */
export function encodeMappings(lines: readonly (readonly Segment[])[]): string {
  let line = 0;
  let column = 0;
  return lines
    .map((segments) => {
      let generated = 0;
      return segments
        .map((segment) => {
          const text =
            encode(segment[0] - generated) +
            encode(0) +
            encode(segment[1] - line) +
            encode(segment[2] - column);
          [generated, line, column] = segment;
          return text;
        })
        .join(',');
    })
    .join(';');
}

/**
 * The examples of a README: its ```ts blocks.
 *
 * Each block is a complete module. One whose first line is `// file: name.ts` is written under
 * that name and not run by itself (a program for a worker thread, say); all others are run.
 * `console.log(…); // => text` says what that line prints.
 */

export interface Example {
  /** File name in the folder that all blocks of one README share. */
  readonly file: string;
  /** Run by itself, or only there for others to load? */
  readonly runs: boolean;
  /** Line of the README on which the code starts, counted from 1. */
  readonly line: number;
  readonly code: string;
}

const FENCE = /^(`{3,})\s*(\S*)\s*(.*)$/;
const FILE = /^\/\/ file: ([\w.-]+\.ts)$/;
/** Names that would put a code block past this check. */
const NOT_CHECKED = /^(typescript|mts|cts|tsx|js|mjs|cjs|javascript|jsx)$/;

/** Throws an Error that names the line when a block is not of a form that can be checked. */
export function extract(readme: string, name: string): Example[] {
  const examples: Example[] = [];
  const lines = readme.split(/\r?\n/);
  for (let at = 0; at < lines.length; at++) {
    const [, fence, language = '', options] = FENCE.exec(lines[at]!) ?? [];
    if (fence === undefined) continue;
    const start = at + 1;
    const end = lines.findIndex((line, index) => index >= start && line === fence);
    if (end === -1) throw new Error(`${name}:${start}: this code block does not end`);
    if (NOT_CHECKED.test(language)) {
      throw new Error(`${name}:${start}: write \`\`\`ts, so that the example is checked`);
    }
    if (language === 'ts' && options !== '') {
      throw new Error(`${name}:${start}: a \`\`\`ts block takes no options (found "${options}")`);
    }
    if (language === 'ts') {
      const code = lines.slice(start, end);
      const checked = new Set(findExpectations(code).map(({ last }) => last));
      const lost = code.findIndex((text, index) => text.includes('// =>') && !checked.has(index));
      if (lost !== -1) {
        const line = start + lost + 1;
        throw new Error(`${name}:${line}: only \`console.log(…); // => text\` can be checked`);
      }
      const file = FILE.exec(lines[start]!)?.[1];
      examples.push({
        file: file ?? `example-${start + 1}.ts`,
        runs: file === undefined,
        line: start + 1,
        code: lines.slice(start, end).join('\n'),
      });
    }
    at = end;
  }
  const twice = examples.find((one, index) =>
    examples.slice(0, index).some((other) => other.file === one.file),
  );
  if (twice !== undefined) {
    throw new Error(`${name}:${twice.line}: there are two blocks of the name ${twice.file}`);
  }
  return examples;
}

export interface Expectation {
  /** Line of the README, counted from 1. */
  readonly line: number;
  readonly text: string;
}

/** A `console.log(…); // => text`, on one line or as prettier breaks it. Lines count from 0. */
interface Found {
  readonly first: number;
  readonly last: number;
  readonly text: string;
}

const ON_ONE_LINE = /^\s*console\.log\(.*\);\s*\/\/ => ?(.*)$/;
const LAST_LINE = /^(\s*)\);\s*\/\/ => ?(.*)$/;

function findExpectations(lines: readonly string[]): Found[] {
  return lines.flatMap((line, last) => {
    const whole = ON_ONE_LINE.exec(line);
    if (whole !== null) return [{ first: last, last, text: whole[1]!.trimEnd() }];
    const [, indent, text] = LAST_LINE.exec(line) ?? [];
    if (indent === undefined || text === undefined) return [];
    const first = lines.lastIndexOf(`${indent}console.log(`, last);
    return first === -1 ? [] : [{ first, last, text: text.trimEnd() }];
  });
}

/**
 * The same module, but each `console.log` with an expectation reports which line it is, so that
 * what came out can be held against it. The helper is appended: imports and functions are hoisted,
 * and no line changes its number.
 */
export function instrument(example: Example): { code: string; expected: Expectation[] } {
  const lines = example.code.split('\n');
  const expected = findExpectations(lines).map(({ first, last, text }) => {
    const line = example.line + last;
    lines[first] = lines[first]!.replace('console.log(', `logExpected(${line}, `);
    return { line, text };
  });
  if (expected.length > 0) lines.push(HELPER);
  return { code: `${lines.join('\n')}\n`, expected };
}

/** Marks a printed expectation on stdout: nothing else prints these characters. */
export const MARK = '\u{1}=>';

const HELPER = `import { format as formatExpected } from 'node:util';
function logExpected(line: number, ...values: unknown[]): void {
  console.log(${JSON.stringify(MARK)} + JSON.stringify([line, formatExpected(...values)]));
}`;

/** One line for each expectation that was not met; `stdout` is what the instrumented module said. */
export function unmet(expected: readonly Expectation[], stdout: string): string[] {
  const printed = stdout
    .split('\n')
    .filter((line) => line.startsWith(MARK))
    .map((line) => JSON.parse(line.slice(MARK.length)) as [number, string]);
  return expected.flatMap(({ line, text }) => {
    const here = printed.filter(([at]) => at === line).map(([, value]) => value);
    if (here.length === 0) return [`line ${line} never printed; expected: ${text}`];
    const wrong = here.find((value) => value !== text);
    return wrong === undefined ? [] : [`line ${line} printed: ${wrong}; expected: ${text}`];
  });
}

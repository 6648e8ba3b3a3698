/** Source in, source out: each function that may come to a shared access gets a twin. */
import { parse } from 'acorn';
import type { Program } from 'acorn';
import { CoroutineError } from './coroutine-error.ts';
import { OWN } from './emit/context.ts';
import type { Context } from './emit/context.ts';
import { makeEmitter } from './emit/emitter.ts';
import { makeNames } from './emit/names.ts';
import { Output } from './emit/output.ts';
import type { SourceMap } from './emit/output.ts';
import { Sites } from './emit/sites.ts';
import { analyze } from './syntax/functions.ts';
import { refuseUncontrolled } from './syntax/refusals.ts';
import { resolve } from './syntax/scope.ts';

export interface TransformOptions {
  /** Name of the original source: for sites, source map and errors. */
  readonly file: string;
  /** Are `Atomics.*` and `array[index]` shared accesses too? For code that does not use a `Memory`. Default false. */
  readonly atomics?: boolean;
  /** What the emitted code imports the runtime from. Default `@percpu/coroutine/runtime`. */
  readonly runtime?: string;
}

export interface Transformed {
  readonly code: string;
  readonly map: SourceMap;
}

export type { SourceMap };

/**
 * Gives the functions of an ECMAScript module their twins. `code` is JavaScript: strip types before, in a way
 * that keeps positions.
 * Returns undefined if the module has nothing to transform.
 * @throws CoroutineError if the source cannot be parsed, or accesses memory where nobody can suspend it
 */
export function transform(
  code: string,
  { file, atomics = false, runtime = '@percpu/coroutine/runtime' }: TransformOptions,
): Transformed | undefined {
  const sites = new Sites(code);
  const fail = (message: string, at: number): never => {
    const { line, column } = sites.position(at);
    throw new CoroutineError(message, file, line, column);
  };
  const program = parseModule(code, fail);
  refuseUncontrolled(program, code, fail);
  const info = analyze(program, resolve(program), atomics);
  const out = new Output(code);
  const names = makeNames(code);
  const e = makeEmitter({ out, source: code, info, names, sites, fail });
  const context: Context = {
    temps: undefined,
    lexical: OWN,
    lateThis: false,
    label: '',
    classes: undefined,
  };
  const start = code.startsWith('#!') ? code.indexOf('\n') + 1 : 0;
  out.copy(0, start);
  const header = out.slot(start);
  e.emitStatements(program.body, start, code.length, context);
  header.text = names.header(runtime, sites.arguments(file));
  return header.text === '' ? undefined : out.finish(file);
}

function parseModule(code: string, fail: (message: string, at: number) => never): Program {
  try {
    return parse(code, { ecmaVersion: 'latest', sourceType: 'module', allowHashBang: true });
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const { pos } = error as SyntaxError & { pos: number };
    const what = error.message.replace(/ \(\d+:\d+\)$/, '');
    return fail(`this is no JavaScript module: ${what}; types must have been stripped`, pos);
  }
}

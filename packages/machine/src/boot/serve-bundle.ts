/** The worker's side of a source bundle: its modules are loaded from it, and call traces tell of the sources. */
import module from 'node:module';

/** Plain data: posted to workers. */
export interface SourceBundle {
  /** Where all the code is, as its URL. */
  readonly url: string;
  /** By URL: the bundle, and the stubs. */
  readonly sources: Readonly<Record<string, string>>;
  readonly origin: LineOrigins;
}

/**
 * Where each line of the bundle comes from. Not the source map itself: a CPU that dies has to write its call trace
 * in milliseconds, and others that die wait for the same cores.
 */
export interface LineOrigins {
  /** URLs of the sources. */
  readonly files: readonly string[];
  /** By line of the bundle, from 1: number of the file in `files` times FILE, plus the line there. 0: unknown. */
  readonly lines: readonly number[];
}

export const FILE: number = 2 ** 16;

/** In this thread, from now on. */
export function serveBundle({ url, sources, origin }: SourceBundle): void {
  const ours = new Map(Object.entries(sources));
  module.registerHooks({
    resolve(name, context, next) {
      return name === url ? { url, format: 'module', shortCircuit: true } : next(name, context);
    },
    load(at, context, next) {
      const source = ours.get(at);
      return source === undefined
        ? next(at, context)
        : { format: 'module', source, shortCircuit: true };
    },
  });
  traceToSources(url, origin);
}

/** Node's own support for source maps would parse the map in each thread at start: 6 MB and 9 ms. */
function traceToSources(url: string, { files, lines }: LineOrigins): void {
  const origin = (place: string, line: number): string => {
    const at = lines[line] ?? 0;
    return at === 0 ? place : `${files[Math.floor(at / FILE)]!}:${at % FILE}`;
  };
  Error.prepareStackTrace = (error, calls) =>
    [Error.prototype.toString.call(error), ...calls.map(String)]
      .map((call) =>
        // Ends the call, or its brackets do.
        call.includes(url)
          ? call.replace(/file:[^()]*:(\d+):\d+(?=\)?$)/, (place, line) =>
              origin(place, Number(line)),
            )
          : call,
      )
      .join('\n    at ');
}

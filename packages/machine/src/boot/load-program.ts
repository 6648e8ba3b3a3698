/** Finds a program: an export of a module. */
import type { Cpu } from '../cpu.ts';
import { nearestName } from '../parameters.ts';

export interface Program {
  /** `main of counter.ts`: what reports call it. */
  readonly name: string;
  readonly main: (cpu: Cpu, args: unknown) => unknown;
}

/** Imports the module at `url` on this thread. Rejects with a sentence that says what is wrong with it. */
export async function loadProgram(url: string, exportName: string): Promise<Program> {
  let module: Record<string, unknown>;
  try {
    module = (await import(url)) as Record<string, unknown>;
  } catch (error) {
    const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    throw new Error(`cannot import the program ${url}: ${reason}`, { cause: error });
  }
  const main = module[exportName];
  if (typeof main === 'function') {
    const file = url.slice(url.lastIndexOf('/') + 1);
    return { name: `${exportName} of ${file}`, main: main as Program['main'] };
  }
  const names = Object.keys(module);
  if (main !== undefined) {
    throw new TypeError(
      `the export ${exportName} of ${url} is no function but ${typeof main}; accepted are function(cpu, args), function* and async function`,
    );
  }
  const nearest = nearestName(exportName, names);
  const hint = nearest === undefined ? '' : `; did you mean ${nearest}?`;
  throw new TypeError(
    `the program ${url} has no export ${exportName}${hint} (it exports ${names.join(', ') || 'nothing'})`,
  );
}

import { UsageError } from '../cli/errors.ts';
import type { Progress } from '../cli/progress.ts';
import type { Search } from '../discovery/provided.ts';
import { findProvider } from '../measure/engine.ts';
import type { EngineProvider, TaskOptions } from '../measure/engine.ts';

/** The installed model, if it can do `what`. @throws UsageError saying what is missing. */
export async function modelProvider<K extends 'calibrate' | 'validate'>(
  search: Search,
  what: K,
): Promise<EngineProvider & Required<Pick<EngineProvider, K>>> {
  const provider = await anyModel(search);
  if (provider[what] === undefined) {
    throw new UsageError(`the installed model cannot ${what}`);
  }
  return provider as EngineProvider & Required<Pick<EngineProvider, K>>;
}

/** @throws UsageError when no model is installed. */
export async function anyModel(search: Search): Promise<EngineProvider> {
  const found = await findProvider('model', search);
  if (found !== undefined) return found.provider;
  throw new UsageError('no model is installed; @percpu/model brings one');
}

/** Undefined when it was interrupted. */
export async function runTask<T>(
  task: (options: TaskOptions) => Promise<T>,
  progress: Progress,
  signal: AbortSignal,
  cwd: string,
): Promise<T | undefined> {
  let done = 0;
  try {
    return await task({
      signal,
      cwd,
      progress: (share, doing) => {
        progress.begin(doing);
        progress.advance(Math.max(0, share - done));
        done = Math.max(done, share);
      },
    });
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  } finally {
    progress.clear();
  }
}

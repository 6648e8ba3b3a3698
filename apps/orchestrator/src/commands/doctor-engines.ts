import { messageOf } from '../cli/errors.ts';
import type { Search } from '../discovery/provided.ts';
import { findExplorer } from '../explore/explorer.ts';
import { findProvider } from '../measure/engine.ts';

/** Something that runs mechanisms under a clock of its own. */
export interface EngineFacts {
  readonly name: string;
  /** The package that brings it, with its version; undefined where none does. */
  readonly from: string | undefined;
  /** Why an installed one cannot be used. */
  readonly problem: string | undefined;
  readonly purpose: string;
}

/** Which of the three clocks there are. */
export async function findEngines(search: Search): Promise<EngineFacts[]> {
  return [
    {
      name: 'parallel',
      from: 'built in',
      problem: undefined,
      purpose: 'measures on worker threads of this host',
    },
    {
      name: 'model',
      ...(await look(() => findProvider('model', search))),
      purpose: 'draws scaling curves in virtual time, far beyond the cores of this host',
    },
    {
      name: 'explorer',
      ...(await look(() => findExplorer(search))),
      purpose: 'searches interleavings for bugs',
    },
  ];
}

async function look(
  find: () => Promise<{ readonly package: string; readonly version: string } | undefined>,
): Promise<Pick<EngineFacts, 'from' | 'problem'>> {
  try {
    const found = await find();
    return {
      from: found === undefined ? undefined : `${found.package} ${found.version}`,
      problem: undefined,
    };
  } catch (error) {
    return { from: undefined, problem: messageOf(error) };
  }
}

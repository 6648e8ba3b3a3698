export { explore } from './explore.ts';
export type { ExploredMeta, ExploreOptions, InlineExploration } from './explore.ts';
export { explorePinned } from './explore-pinned.ts';
export type { Pins } from './explore-pinned.ts';

/**
 * The orchestrator as a library: read a record that `percpu scale` wrote, and make its report page.
 * Everything else is the command `percpu`.
 */
export { parseRecord, toResults } from './record/record.ts';
export type { ExperimentFacts, ResultsDocument, RunRecord } from './record/record.ts';
export type { RunRequest } from './record/command.ts';
export { readRecord } from './record/store.ts';
export { renderReport } from './report/render.ts';
export type { Failure } from './measure/once.ts';
export type {
  Engine,
  EngineOptions,
  EngineProvider,
  ModelledMachine,
  Order,
  Report,
  TaskOptions,
  ValidatedCurve,
} from './measure/engine.ts';
export type { ExploreOrder, ExploreProgress, Explorer } from './explore/explorer.ts';

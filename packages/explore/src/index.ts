export type { Call } from './engine/call.ts';
export type { Choice, ChoiceKind, Choices } from './engine/choice.ts';
export { Footprint, Mode } from './engine/footprint.ts';
export type { RunObserver, RunView } from './engine/observer.ts';
export type { Finding, RunEnd, RunOutcome, Waiting } from './engine/outcome.ts';
export { ABANDON } from './engine/scheduler.ts';
export type { Scheduler } from './engine/scheduler.ts';
export { Runner } from './engine/runner.ts';
export type { TraceEvent } from './engine/trace-event.ts';

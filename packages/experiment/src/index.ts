export { LINE, type BenchCpu, type BenchMemory, type Ptr, type Sleeps } from './bench-cpu.ts';
export {
  chooseCell,
  cpuCounts,
  parseKnob,
  MAX_REPEATS,
  type Cell,
  type Choice,
  type Place,
  type Window,
} from './cell.ts';
export type {
  BaseContext,
  BodyContext,
  BootParameters,
  Clock,
  Definition,
  Experiment,
  KnobTable,
  KnobValue,
  KnobValues,
  ReportColumn,
  SetupContext,
  VerifyContext,
} from './contract.ts';
export { controlBytes, MeasurementStopped } from './control-block.ts';
export {
  MAX_CPUS,
  pastHostCores,
  powersOfTwo,
  upToHostCores,
  type CpuCounts,
} from './cpu-counts.ts';
export { experiment } from './experiment.ts';
export { measure, runWithoutSleeping, type CpuMeasurement, type RepeatRecord } from './measure.ts';
export { ChoiceError, DefinitionError, nearest, unknownName } from './names.ts';
export { Random, seededRandom } from './random.ts';
export {
  findByName,
  listExperiment,
  registry,
  type ListedConformance,
  type ListedExperiment,
  type ListedExploration,
  type ListedScenario,
  type Listing,
  type Registry,
} from './registry.ts';
export type { Estimate, HeadlineFigure, Result } from './results.ts';
export {
  playScenario,
  scenario,
  type Fact,
  type Scenario,
  type ScenarioHost,
  type ScenarioReport,
  type Verdict,
} from './scenario.ts';

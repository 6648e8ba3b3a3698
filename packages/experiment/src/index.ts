export { LINE, type BenchCpu, type BenchMemory, type Ptr, type Sleeps } from './bench-cpu.ts';
export {
  chooseCell,
  cpuCounts,
  MAX_REPEATS,
  parseKnob,
  type Cell,
  type Choice,
  type Place,
  type Window,
} from './cell.ts';
export { RecordError } from './check-shape.ts';
export {
  compareRecordings,
  type ComparedPoint,
  type RecordingComparison,
} from './compare-recordings.ts';
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
export type {
  Exploration,
  ExplorationChoices,
  ExplorationDefinition,
  ExplorationGround,
  ExplorationLimits,
  ExplorationMemory,
  MemoryOf,
  DescribedLayout,
  MustFind,
  Outcome,
  Program,
  World,
} from './exploration/contract.ts';
export {
  exploration,
  explorationList,
  MAX_EXPLORED_CPUS,
  outcomeText,
} from './exploration/exploration.ts';
export {
  FINDING_KINDS,
  type ExplorationFailure,
  type ExplorationResult,
  type FindingKind,
} from './exploration/finding.ts';
export {
  Histogram,
  HISTOGRAM_ERROR,
  MAX_LATENCY_NS,
  mergeHistograms,
  percentile,
  type HistogramRecord,
} from './histogram.ts';
export { headlinesOf } from './headlines.ts';
export { boundaries, type Host, type Topology } from './host.ts';
export {
  measure,
  runWithoutSleeping,
  type CpuMeasurement,
  type Deadlines,
  type RepeatRecord,
} from './measure.ts';
export type {
  FieldDetails,
  LineDetails,
  Measured,
  ModelDetails,
  TimeSpent,
} from './model-details.ts';
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
  type ListedTorture,
  type Listing,
  type Registry,
} from './registry.ts';
export {
  SCHEMA,
  type CellRecord,
  type CpuRecord,
  type CurveName,
  type Estimate,
  type Fit,
  type FittedLaw,
  type Headline,
  type HeadlineFigure,
  type Latency,
  type Parameter,
  type Recording,
  type RepeatOfCell,
  type Result,
  type Summary,
} from './results.ts';
export {
  playScenario,
  scenario,
  type Fact,
  type Scenario,
  type ScenarioHost,
  type ScenarioReport,
  type Verdict,
} from './scenario.ts';
export { allocatorSpec, type AllocatorOptions } from './sequential/allocator.ts';
export { mapSpec, queueSpec, stackSpec, type ContainerOptions } from './sequential/containers.ts';
export {
  sequentialSpec,
  type Operation,
  type SequentialSpec,
  type Steps,
} from './sequential/spec.ts';
export { counterSpec, registerSpec } from './sequential/words.ts';
export {
  CONFIDENCE,
  medianInterval,
  RESAMPLES,
  type BootstrapOptions,
} from './statistics/bootstrap.ts';
export {
  compareSamples,
  LEAST_CHANGE,
  LEAST_VALUES,
  type Comparison,
} from './statistics/compare.ts';
export { jainIndex, minMaxRatio } from './statistics/fairness.ts';
export { piecewise, type CurvePoint, type Segment } from './statistics/piecewise.ts';
export {
  EXTRAPOLATION,
  judgeUsl,
  LEAST_CPU_COUNTS,
  MAX_MAPE,
  residualRuns,
  type Judgement,
  type ResidualRun,
} from './statistics/publish.ts';
export { mad, median, quantile } from './statistics/quantile.ts';
export { studentT } from './statistics/student-t.ts';
export { fitUsl, uslRate, type Run, type UslFit } from './statistics/usl.ts';
export {
  fitCurves,
  recordCell,
  repeatRate,
  summarise,
  summariseCell,
  type BoundariesOf,
  type CellOrigin,
} from './summarise.ts';
export { parseRecording, parseSummary } from './validate.ts';
export type {
  Torture,
  TortureContext,
  TortureDefinition,
  TortureResult,
  TortureSetup,
  TortureTotals,
} from './torture/contract.ts';
export { runTorture, type TortureRun } from './torture/run-torture.ts';
export { torture, tortureList } from './torture/torture.ts';

import { parseRecording } from '@percpu/experiment';
import type { Experiment, Recording, ReportColumn, Summary } from '@percpu/experiment';
import type { LoadAverage } from '../host/facts.ts';
import type { ModelledMachine } from '../measure/engine.ts';
import type { Failure } from '../measure/once.ts';
import type { RunRequest } from './command.ts';

/** Says in the file itself what it is. */
export const FORMAT = 'percpu-record';

/** What a reader of the record needs to know of an experiment without having its package. */
export interface ExperimentFacts {
  readonly name: string;
  readonly package: string;
  readonly title: string;
  readonly description: string;
  readonly unit: string;
  readonly report: readonly ReportColumn[];
}

/** Everything about one run, as it lies on disk in `record.msgpack`. */
export interface RunRecord extends Recording {
  readonly format: typeof FORMAT;
  /** Version of the command that wrote it. */
  readonly percpu: string;
  /** Git revision of the folder it ran in, if there was one. */
  readonly revision: string | null;
  readonly request: RunRequest;
  /** What was modelled; absent in records of earlier versions. */
  readonly machines?: readonly ModelledMachine[];
  readonly loadAfter: LoadAverage;
  readonly failures: readonly Failure[];
  /** What a reader should know before believing the figures. */
  readonly notices: readonly string[];
  readonly experiments: readonly ExperimentFacts[];
}

/** What `percpu scale --json` prints and `results.json` holds: the summary, and how the run went. */
export interface ResultsDocument extends Summary {
  readonly created: string;
  readonly command: readonly string[];
  readonly seed: number;
  readonly interrupted: boolean;
  readonly failures: readonly Failure[];
  readonly notices: readonly string[];
  /** What was modelled. */
  readonly machines: readonly ModelledMachine[];
}

export function toResults(record: RunRecord): ResultsDocument {
  const { schema, host, results, fits, headlines } = record;
  const { created, command, seed, interrupted, failures, notices, machines = [] } = record;
  return {
    ...{ schema, host, results, fits, headlines },
    ...{ created, command, seed, interrupted, failures, notices, machines },
  };
}

export function factsOf(from: string, experiment: Experiment): ExperimentFacts {
  const { name, title, description, unit, report } = experiment;
  return { name, package: from, title, description, unit, report };
}

/**
 * What was read from a file, once it is known to be a record.
 *
 * @throws an Error that names the first field that is wrong.
 */
export function parseRecord(value: unknown): RunRecord {
  if (typeof value !== 'object' || value === null || !('format' in value)) {
    throw new Error('this is no record of percpu');
  }
  if (value.format !== FORMAT) {
    throw new Error(`format: expected "${FORMAT}"; got ${JSON.stringify(value.format)}`);
  }
  parseRecording(value);
  const record = value as Readonly<Record<string, unknown>>;
  for (const field of ['loadAfter', 'failures', 'notices', 'experiments']) {
    if (!Array.isArray(record[field])) throw new Error(`${field}: expected a list`);
  }
  const { machines = [] } = record;
  if (!Array.isArray(machines) || !machines.every(isMachine)) {
    throw new Error('machines: expected a list of names and sources');
  }
  if (typeof record.request !== 'object' || record.request === null) {
    throw new Error('request: expected what the run was asked to do');
  }
  return value as RunRecord;
}

function isMachine(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { name, source } = value as Readonly<Record<string, unknown>>;
  return typeof name === 'string' && typeof source === 'string';
}

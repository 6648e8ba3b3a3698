/**
 * Reading a record back: whoever opens a file gets either a record in which every number can be
 * trusted to be one, or a sentence that names the first field that is wrong.
 */

import {
  all,
  bool,
  check,
  countable,
  finite,
  list,
  notNegative,
  oneOf,
  optional,
  positive,
  RecordError,
  scalar,
  shape,
  table,
  text,
  whole,
  type Check,
} from './check-shape.ts';
import { show } from './names.ts';
import { modelDetails } from './validate-model.ts';
import { SCHEMA, type Estimate, type Recording, type Summary } from './results.ts';

const estimate: Check = all(
  shape({ median: positive, low: positive, high: positive }),
  (value, path) => {
    const { median, low, high } = value as Estimate;
    if (low <= median && median <= high) return;
    throw new RecordError(
      `${path}: the median ${median} lies outside its interval ${low} … ${high}`,
    );
  },
);

const fairness = check(
  'a number above 0 and at most 1',
  (value) => typeof value === 'number' && value > 0 && value <= 1,
);
const parameter = shape({ value: finite, low: finite, high: finite });

const curveName: Readonly<Record<string, Check>> = {
  experiment: text,
  package: text,
  variant: text,
  clock: oneOf('parallel', 'model'),
  profile: optional(text),
  set: optional(table(scalar)),
};

const result = shape({
  ...curveName,
  cpus: countable,
  opsPerSecond: estimate,
  nsPerOp: estimate,
  fairness,
  latency: optional(
    shape({
      p50: notNegative,
      p90: notNegative,
      p99: notNegative,
      p999: notNegative,
      max: notNegative,
      samples: countable,
    }),
  ),
  oversubscribed: bool,
  repeats: countable,
  model: optional(modelDetails),
});

const law = shape({
  gamma: parameter,
  alpha: parameter,
  beta: parameter,
  mape: notNegative,
  limit: countable,
  peak: optional(parameter),
});

const fit: Check = all(
  shape({
    ...curveName,
    cpuCounts: list(countable),
    runs: whole,
    published: bool,
    reason: optional(text),
    law: optional(law),
    piecewise: list(shape({ from: countable, to: countable, exponent: finite })),
  }),
  (value, path) => {
    const {
      published,
      law: shown,
      reason,
    } = value as { published: boolean; law?: unknown; reason?: unknown };
    if (published ? shown !== undefined : reason !== undefined && shown === undefined) return;
    throw new RecordError(
      `${path}: a fit has a law when it is published, and otherwise a reason and no law`,
    );
  },
);

const host = shape({
  platform: text,
  arch: text,
  kernel: text,
  cpuModel: text,
  cores: countable,
  memoryBytes: notNegative,
  topology: shape({
    known: bool,
    sockets: optional(countable),
    coresPerSocket: optional(countable),
    threadsPerCore: optional(countable),
    coresPerLlc: optional(countable),
  }),
  load: list(notNegative),
  node: text,
  v8: text,
  versions: table(text),
  backend: optional(text),
});

const headline = shape({
  experiment: text,
  package: text,
  label: text,
  value: finite,
  unit: text,
  profile: optional(text),
});

const window: Check = (value, path) => {
  shape({ kind: oneOf('time', 'work') })(value, path);
  const timed = (value as { kind: string }).kind === 'time';
  shape(
    timed ? { warmUpNs: whole, measureNs: countable } : { warmUpCalls: whole, calls: countable },
  )(value, path);
};

const histogram = shape({
  samples: whole,
  max: notNegative,
  counts: list(
    check(
      'a pair [bucket, count]',
      (pair) =>
        Array.isArray(pair) && pair.length === 2 && pair.every((n) => Number.isSafeInteger(n)),
    ),
  ),
});

const repeat = shape({
  cpus: list(shape({ operations: notNegative, beganNs: finite, endedNs: finite }), { least: 1 }),
  latency: optional(histogram),
});

const cell: Check = all(
  shape({
    ...curveName,
    cpus: countable,
    unit: text,
    drivers: oneOf('all', 'one'),
    knobs: table(scalar),
    bootParameters: table(scalar),
    window,
    seed: whole,
    oversubscribed: bool,
    repeats: list(repeat, { least: 1 }),
    model: optional(modelDetails),
  }),
  (value, path) => {
    const { cpus, repeats } = value as Recording['cells'][number];
    for (const [i, { cpus: records }] of repeats.entries()) {
      if (records.length !== cpus)
        throw new RecordError(
          `${path}.repeats[${i}].cpus: expected ${cpus} CPUs; got ${records.length}`,
        );
    }
  },
);

const summary: Readonly<Record<string, Check>> = {
  host,
  results: list(result),
  fits: list(fit),
  headlines: list(headline),
};

const recording: Readonly<Record<string, Check>> = {
  ...summary,
  created: check(
    'a date as in 2026-11-20T13:00:00Z',
    (value) => typeof value === 'string' && Number.isFinite(Date.parse(value)),
  ),
  command: list(text),
  seed: whole,
  interrupted: bool,
  cells: list(cell),
};

function checkSchema(value: unknown): void {
  if (typeof value !== 'object' || value === null || !('schema' in value)) {
    throw new RecordError(
      `this is no record of percpu: expected an object with a field schema; got ${show(value)}`,
    );
  }
  if (value.schema === SCHEMA) return;
  throw new RecordError(
    `schema: this version reads ${SCHEMA}; the record says ${show(value.schema)}`,
  );
}

/** `value`, once it is known to be a summary. Throws `RecordError` naming the first wrong field. */
export function parseSummary(value: unknown): Summary {
  checkSchema(value);
  shape(summary)(value, '');
  return value as Summary;
}

/** `value`, once it is known to be a full recording. Throws `RecordError` naming the first wrong field. */
export function parseRecording(value: unknown): Recording {
  checkSchema(value);
  shape(recording)(value, '');
  return value as Recording;
}

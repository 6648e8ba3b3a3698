/**
 * Boot parameters, as on a kernel command line. A package declares what it understands; the machine
 * refuses names nobody declared and values out of range before a CPU starts. The accepted values
 * travel in the machine's memory, so all CPUs see the same.
 */

/** What a value may be. */
export type ParameterType = 'u32' | 'f64' | 'boolean' | 'string';

export type ParameterValue = number | boolean | string;

/** Values as given to `Machine.boot`. */
export type ParameterValues = Readonly<Record<string, ParameterValue>>;

export interface Parameter<Value extends ParameterValue = ParameterValue> {
  /** `subsystem.option`, as in `module.parameter`. */
  readonly name: string;
  readonly type: ParameterType;
  readonly default: Value;
  readonly description: string;
  /** Numbers: smallest and largest accepted. */
  readonly min?: number;
  readonly max?: number;
  /** Strings: the only ones accepted. */
  readonly values?: readonly string[];
}

type ParameterOptions<Value extends ParameterValue> = Omit<Parameter<Value>, 'name'>;

type Widen<Value> = Value extends number
  ? number
  : Value extends boolean
    ? boolean
    : Value extends string
      ? string
      : never;

/** Linux: module_param(). Declares one boot parameter; its default must satisfy its own limits. */
export function parameter<const Value extends ParameterValue>(
  name: string,
  options: ParameterOptions<Value>,
): Parameter<Widen<Value>> {
  const declared: Parameter = Object.freeze({ name, ...options });
  const problem = problemWith(declared, options.default);
  if (problem !== undefined) throw new TypeError(`parameter: the default of ${problem}`);
  return declared as Parameter<Widen<Value>>;
}

/** The values of `given`, checked against `declared`. Throws a TypeError or RangeError that says what is accepted. */
export function checkParameters(
  given: Readonly<Record<string, unknown>>,
  declared: readonly Parameter[],
): ParameterValues {
  const known = new Map(declared.map((one) => [one.name, one]));
  const values: Record<string, ParameterValue> = {};
  for (const [name, value] of Object.entries(given)) {
    const one = known.get(name);
    if (one === undefined) throw new TypeError(unknownParameter(name, [...known.keys()]));
    const problem = problemWith(one, value);
    if (problem !== undefined) throw new RangeError(`boot parameter ${problem}`);
    values[name] = value as ParameterValue;
  }
  return values;
}

/** The value of a parameter on a machine booted with `values`. */
export function parameterValue<Value extends ParameterValue>(
  values: ParameterValues,
  declared: Parameter<Value>,
): Value {
  const value = values[declared.name];
  return value === undefined ? declared.default : (value as Value);
}

function problemWith(declared: Parameter, value: unknown): string | undefined {
  const shown = `${declared.name}=${typeof value === 'string' ? JSON.stringify(value) : String(value)}`;
  const accepted = `accepted is ${describeAccepted(declared)}`;
  switch (declared.type) {
    case 'boolean':
      return typeof value === 'boolean' ? undefined : `${shown}: ${accepted}`;
    case 'string':
      return typeof value === 'string' && (declared.values?.includes(value) ?? true)
        ? undefined
        : `${shown}: ${accepted}`;
    case 'u32':
    case 'f64': {
      const fits =
        typeof value === 'number' &&
        !Number.isNaN(value) &&
        (declared.type === 'f64' || (Number.isInteger(value) && value >= 0 && value < 2 ** 32)) &&
        value >= (declared.min ?? -Infinity) &&
        value <= (declared.max ?? Infinity);
      return fits ? undefined : `${shown}: ${accepted}`;
    }
  }
}

function describeAccepted({ type, min, max, values }: Parameter): string {
  switch (type) {
    case 'boolean':
      return 'true or false';
    case 'string':
      return values === undefined ? 'a string' : `one of ${values.join(', ')}`;
    case 'u32':
      return `a whole number from ${min ?? 0} to ${max ?? 2 ** 32 - 1}`;
    case 'f64':
      return `a number from ${min ?? '-Infinity'} to ${max ?? 'Infinity'}`;
  }
}

function unknownParameter(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known);
  const hint = nearest === undefined ? '' : `; did you mean ${nearest}?`;
  return `unknown boot parameter ${JSON.stringify(name)}${hint} (known: ${[...known].sort().join(', ')})`;
}

/** The known name with the smallest edit distance to `name`, if it is near enough to be a slip. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(name.length / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(name, candidate);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Levenshtein distance: insertions, deletions and replacements of one character. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}

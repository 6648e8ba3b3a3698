import { parseArgs } from 'node:util';
import type { ParseArgsOptionsConfig } from 'node:util';
import { UsageError } from './errors.ts';
import type { ExitCode } from './errors.ts';
import { nearest } from '@percpu/experiment';
import type { Terminal } from './terminal.ts';

/** One option of a command, as `--name`. */
export interface OptionSpec {
  readonly type: 'string' | 'boolean';
  readonly short?: string;
  /** May be given more than once. */
  readonly multiple?: boolean;
  /** What stands for the value in the help text: `S` in `--seconds S`. */
  readonly argument?: string;
  readonly description: string;
}

export interface Command {
  readonly name: string;
  readonly summary: string;
  /** The positional arguments as shown in the help: `[NAME…]`. */
  readonly operands: string;
  /** How many positional arguments are accepted: least and most. */
  readonly operandCount: readonly [least: number, most: number];
  readonly options: Readonly<Record<string, OptionSpec>>;
  /** Paragraphs below the options in the help. */
  readonly details?: readonly string[];
  readonly examples: readonly string[];
  run(args: Arguments, terminal: Terminal): Promise<ExitCode>;
}

type OptionValue = string | boolean | (string | boolean)[] | undefined;

/** What was given to a command, checked against what it declares. */
export class Arguments {
  readonly operands: readonly string[];
  readonly #values: Readonly<Record<string, OptionValue>>;

  constructor(operands: readonly string[], values: Readonly<Record<string, OptionValue>>) {
    this.operands = operands;
    this.#values = values;
  }

  flag(name: string): boolean {
    return this.#values[name] === true;
  }

  text(name: string): string | undefined {
    const value = this.#values[name];
    return typeof value === 'string' ? value : undefined;
  }

  /** Every value of an option that may be repeated. */
  all(name: string): readonly string[] {
    const value = this.#values[name];
    if (!Array.isArray(value)) return [];
    return value.filter((entry): entry is string => typeof entry === 'string');
  }
}

/** Every command has these. */
export const commonOptions: Readonly<Record<string, OptionSpec>> = {
  help: { type: 'boolean', short: 'h', description: 'show this help and stop' },
};

/**
 * Reads the arguments of one command.
 *
 * parseArgs is run in its lenient mode and its tokens are checked here, so that a mistyped option
 * gets a suggestion instead of a bare refusal.
 *
 * @throws UsageError naming the option or argument that is wrong and what is accepted.
 */
export function readArguments(command: Command, argv: readonly string[]): Arguments {
  const specs = { ...command.options, ...commonOptions };
  const { values, positionals, tokens } = parseArgs({
    args: [...argv],
    options: toConfig(specs),
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    const spec = Object.hasOwn(specs, token.name) ? specs[token.name] : undefined;
    if (spec === undefined) throw unknownOption(command, token.rawName, Object.keys(specs));
    if (spec.type === 'boolean' && token.value !== undefined) {
      throw new UsageError(`${token.rawName} takes no value, but was given "${token.value}"`);
    }
    if (spec.type === 'string' && isMissing(token.value, token.inlineValue)) {
      throw new UsageError(`${token.rawName} needs a value: ${token.rawName} ${placeholder(spec)}`);
    }
  }
  const result = new Arguments(positionals, values);
  // Help asked for wins over a missing operand.
  if (!result.flag('help')) checkOperands(command, positionals);
  return result;
}

function toConfig(specs: Readonly<Record<string, OptionSpec>>): ParseArgsOptionsConfig {
  const config: ParseArgsOptionsConfig = {};
  for (const [name, spec] of Object.entries(specs)) {
    config[name] = {
      type: spec.type,
      ...(spec.short === undefined ? {} : { short: spec.short }),
      ...(spec.multiple === undefined ? {} : { multiple: spec.multiple }),
    };
  }
  return config;
}

/** `--out --json` is a forgotten folder, not a folder called "--json"; `--out=--json` is meant. */
function isMissing(value: string | undefined, inline: boolean | undefined): boolean {
  if (value === undefined || value === '') return true;
  return inline !== true && value.startsWith('-') && !/^-\d/.test(value);
}

function unknownOption(command: Command, given: string, known: readonly string[]): UsageError {
  const guess = nearest(given.replace(/^-+/, ''), known);
  const end = guess === undefined ? '' : `: did you mean --${guess}?`;
  return new UsageError(`percpu ${command.name} has no option ${given}${end}`);
}

function checkOperands(command: Command, given: readonly string[]): void {
  const [least, most] = command.operandCount;
  const usage = `usage: percpu ${command.name} ${command.operands}`.trimEnd();
  if (given.length < least) throw new UsageError(`too few arguments; ${usage}`);
  if (given.length > most) {
    throw new UsageError(`unexpected argument "${given[most] ?? ''}"; ${usage}`);
  }
}

/** What stands for the value of an option in help and messages. */
export function placeholder(spec: OptionSpec): string {
  return spec.argument ?? 'VALUE';
}

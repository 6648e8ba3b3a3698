/** The command line. */
import { parseArgs } from 'node:util';

export interface Options {
  readonly json: boolean;
  readonly help: boolean;
  readonly seconds: number;
  readonly rounds: number;
}

/** A command line that is not accepted. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export const DEFAULTS: Pick<Options, 'seconds' | 'rounds'> = { seconds: 35, rounds: 9 };
const MAX_SECONDS = 3600;
const MAX_ROUNDS = 1000;

export const HELP: string = `npm run peers [-- OPTIONS]

Measures our locks beside those of npm and of C, in one run.

  --json        print one JSON document on standard output, and nothing else there
  --seconds S   time to measure in, all locks together (default ${DEFAULTS.seconds}, at most ${MAX_SECONDS});
                starting takes a few seconds more
  --rounds R    rounds, so samples of each lock (default ${DEFAULTS.rounds}, at most ${MAX_ROUNDS})
  --help        this text

Exit codes: 0 measured, 1 not (a lock that lost updates, a thread that failed), 2 bad usage.`;

export function readOptions(argv: readonly string[]): Options {
  const { json, help, seconds, rounds } = parse(argv);
  return {
    json,
    help,
    seconds: seconds === undefined ? DEFAULTS.seconds : secondsOf(seconds),
    rounds: rounds === undefined ? DEFAULTS.rounds : roundsOf(rounds),
  };
}

interface Words {
  readonly json: boolean;
  readonly help: boolean;
  readonly seconds?: string | undefined;
  readonly rounds?: string | undefined;
}

function parse(argv: readonly string[]): Words {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
        seconds: { type: 'string' },
        rounds: { type: 'string' },
      },
    });
    return values;
  } catch (error) {
    throw new UsageError(`${(error as Error).message} (--help shows what is accepted)`);
  }
}

function secondsOf(text: string): number {
  const seconds = numberOf(text);
  if (seconds > 0 && seconds <= MAX_SECONDS) return seconds;
  throw new UsageError(`--seconds ${text}; accepted is a number above 0, at most ${MAX_SECONDS}`);
}

function roundsOf(text: string): number {
  const rounds = numberOf(text);
  if (Number.isInteger(rounds) && rounds >= 1 && rounds <= MAX_ROUNDS) return rounds;
  throw new UsageError(`--rounds ${text}; accepted is a whole number from 1 to ${MAX_ROUNDS}`);
}

function numberOf(text: string): number {
  return text.trim() === '' ? Number.NaN : Number(text);
}

/** A CPU or a task dies with a lock: whoever waits for it is told which lock that is and who has it, instead of hanging. */
import { Machine, MachineCrash } from '@percpu/machine/boot';
import type { BootOptions } from '@percpu/machine/boot';
import { CACHE_LINE, memblockAlloc } from '@percpu/memory';
import { afterEach, describe, expect, test } from 'vitest';
import { LOCK_KINDS } from './support/lock-kinds.ts';
import type { DeathArgs } from './programs/deaths.ts';

const module = new URL('./programs/deaths.ts', import.meta.url);

let machine: Machine | undefined;
afterEach(async () => {
  await machine?.shutdown();
  machine = undefined;
});

/** Readers wait for writers only. */
const opponent = (name: string): string => name.replace('reading', 'writing');

interface Started {
  /** `ticket 0x00012340`, as reports call it. */
  readonly lock: string;
  /** How the run ended. */
  readonly error: Promise<unknown>;
}

async function start(
  type: string,
  death: DeathArgs['death'],
  parameters: BootOptions['parameters'] = {},
  checked = true,
): Promise<Started> {
  const waiting = { 'spin.budget': 0, ...parameters };
  machine = await Machine.boot({ cpus: 2, checked, parameters: waiting });
  const lock = memblockAlloc(machine.memory, 4 * CACHE_LINE, CACHE_LINE);
  const stage = memblockAlloc(machine.memory, 4, CACHE_LINE);
  const args: DeathArgs = { type, lock, stage, death, waitsFor: opponent(type) };
  const error = machine.run({ module, export: 'dieHolding', args }).catch((e: unknown) => e);
  const [name] = type.split(',', 1);
  return { lock: `${name!} 0x${lock.toString(16).padStart(8, '0')}`, error };
}

async function crashOf(started: Started): Promise<MachineCrash> {
  const crash = await started.error;
  expect(crash).toBeInstanceOf(MachineCrash);
  return crash as MachineCrash;
}

/** Until the machine, which is alive, reports so. */
async function reported(pattern: RegExp): Promise<void> {
  while (!pattern.test(machine!.report())) await new Promise(setImmediate);
}

const WHO = 'dieHolding of deaths.ts/\\d+';

describe.each(LOCK_KINDS)('$name', ({ name, sleeps }) => {
  const waiting = (lock: string): string =>
    sleeps
      ? `task dieHolding of deaths.ts:\\d+ on CPU 0: blocked on ${lock}`
      : `CPU 0: .*waits for 0x\\w+ \\(.*${lock}`;

  test('the thread of a CPU is lost', async () => {
    const started = await start(name, 'exit');
    const { reason, report } = await crashOf(started);
    expect(reason).toMatch(/CPU 1: lost its thread/);
    expect(report).toMatch(new RegExp(`${waiting(started.lock)}, held by ${WHO} on CPU#1`));
    expect(report).toMatch(new RegExp(`CPU 1: .*holds ${started.lock}`));
  });

  test('a task fails, and the machine goes on', async () => {
    const { lock } = await start(name, 'oops', { panic_on_oops: false });
    const gone = 'held by task \\d+, which has ended, on CPU#1';
    await reported(new RegExp(`${waiting(lock)}, ${gone}`));
  });

  test('a program ends and keeps it', async () => {
    const started = await start(name, 'ends');
    const { reason } = await crashOf(started);
    const bug = `CPU 1: BUG: ${WHO} still has locks held! 1: ${started.lock}`;
    expect(reason).toMatch(new RegExp(bug));
  });
});

describe('the watchdog', () => {
  /** Far above what a busy host makes a CPU wait for its turn. */
  const parameters = { 'watchdog.thresh': 2000, 'hungTask.timeout': 1000, panic_on_oops: false };

  // prettier-ignore
  test.each<[string, DeathArgs['death'], string]>([
    // lock     its holder  the story
    ['ticket', 'oops',  'soft lockup - CPU#0 waits for 0x\\w+ since \\d+ ms: serving of LOCK, held by task \\d+, which has ended, on CPU#1'],
    ['mutex',  'oops',  'INFO: task dieHolding of deaths.ts:\\d+ on CPU#0 blocked on LOCK, held by task \\d+, which has ended, on CPU#1 for more than \\d+ ms'],
    ['mutex',  'spins', `INFO: task dieHolding of deaths.ts:\\d+ on CPU#0 blocked on LOCK, held by ${WHO} on CPU#1 for more than \\d+ ms`],
  ])('%s, its holder %s', async (name, death, story) => {
    const started = await start(name, death, parameters);
    const { reason } = await crashOf(started);
    expect(reason).toMatch(new RegExp(story.replace('LOCK', started.lock)));
  });
});

test('in fast memory, with locks.debug on', async () => {
  const started = await start('ticket', 'exit', { 'locks.debug': 'on' }, false);
  const { report } = await crashOf(started);
  const which = `\\(serving of ${started.lock}, held by ${WHO} on CPU#1\\)`;
  expect(report).toMatch(new RegExp(`waits for 0x\\w+ ${which}`));
});

test('with locks.debug off nothing is known, and nothing is said', async () => {
  await start('ticket', 'oops', { panic_on_oops: false, 'locks.debug': 'off' });
  await reported(/CPU 0: .*waits for 0x\w+, heartbeat/);
});

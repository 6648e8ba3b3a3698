/** Programs that go wrong: each ends its run with a story worth reading, and leaves nothing behind. */
import type { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, test } from 'vitest';
import { Machine, MachineCrash } from '../../src/boot/index.ts';
import type { BootOptions, RunOptions } from '../../src/boot/index.ts';

const module = new URL('../programs/faults.ts', import.meta.url);

let machine: Machine | undefined;
afterEach(async () => {
  await machine?.shutdown();
  machine = undefined;
});

async function crashOf(
  program: string,
  options: Partial<BootOptions> = {},
  run: RunOptions = {},
): Promise<MachineCrash> {
  machine = await Machine.boot({ cpus: 3, ...options });
  const crash = await machine
    .run({ module, export: program, args: { who: 1, audience: 2 } }, run)
    .catch((error: unknown) => error);
  expect(crash).toBeInstanceOf(MachineCrash);
  return crash as MachineCrash;
}

/** Typed: vitest's own is any. */
const matching = (pattern: RegExp): unknown => expect.stringMatching(pattern);

const quick = { parameters: { 'watchdog.thresh': 300 } };

describe('one CPU fails, the others are stopped', () => {
  test.each([
    // program         the story                                              in dmesg
    ['throws', /CPU 1: .*TypeError: of all the gin joints/, /Kernel panic - not syncing/],
    ['throwsString', /CPU 1: .*a bare string/, /unhandled exception in throwsString/],
    ['throwsAsTask', /CPU 1: .*RangeError: from a generator/, /Oops: CPU: 1/],
    ['rejects', /CPU 1: .*RangeError: from an async program/, /Oops: CPU: 1/],
    ['hitsBug', /CPU 1: kernel BUG: the impossible happened/, /Call Trace:/],
    ['panics', /CPU 1: Kernel panic - not syncing: enough/, /end Kernel panic/],
    ['callsNull', /CPU 1: .*NULL pointer dereference/, /address: 0x00000000/],
    ['overflowsStack', /CPU 1: .*RangeError: Maximum call stack/, /Oops/],
  ])('%s', async (program, story, log) => {
    const crash = await crashOf(program);
    expect(crash.reason).toMatch(story);
    expect(crash.dmesg.join('\n')).toMatch(log);
    expect(crash.cpus.map((one) => one?.status)).toEqual(['stopped', 'failed', 'stopped']);
    expect(crash.report).toMatch(/CPU 0: .*\nCPU 1: dead.*\nCPU 2: /);
    expect(crash.message).toContain(crash.report);
  });

  test('the error of the CPU that failed is what its program threw', async () => {
    const { cpus } = await crashOf('throws');
    expect(cpus[1]).toMatchObject({
      error: { name: 'TypeError', message: 'of all the gin joints' },
    });
  });

  test('a stopped CPU tells where it was', async () => {
    const { cpus } = await crashOf('throws');
    expect(cpus[0]).toMatchObject({ at: matching(/Cpu\.relax[^]*spin/) });
  });

  test('a program that catches everything is terminated, not waited for', async () => {
    const { cpus } = await crashOf('catchesAll');
    expect(cpus[1]?.status).toBe('failed');
    expect(['stopped', 'done', 'terminated']).toContain(cpus[0]?.status);
  });
});

describe('a CPU that cannot say so itself', () => {
  test.each<[string, Partial<BootOptions>, RunOptions, RegExp]>([
    // program          boot                run                  the story
    [
      'exits',
      {},
      {},
      /CPU 1: lost its thread: it exited with code 3: a program called process\.exit/,
    ],
    ['floatingRejection', {}, {}, /CPU 1: lost its thread: .*nobody awaits me/],
    ['allocates', { heapMb: 16 }, {}, /CPU 1: lost its thread: .*heap.*boot option heapMb/],
    ['spinsInPureJs', quick, {}, /soft lockup - CPU#1 stuck for \d+ ms/],
    ['asyncThenSpins', quick, {}, /soft lockup - CPU#1 stuck for \d+ ms/],
    ['deadlocks', quick, {}, /soft lockup - CPU#1 waits for 0x[0-9a-f]{8} since \d+ ms/],
    ['spinsWithRelax', quick, { timeoutMs: 600 }, /spinsWithRelax did not end within 600 ms/],
  ])('%s', async (program, boot, run, story) => {
    const crash = await crashOf(program, boot, run);
    expect(crash.reason).toMatch(story);
    expect(crash.dmesg.at(-1)).toMatch(/host: /);
  });

  test('waits for the same word that follow each other are not one long wait', async () => {
    machine = await Machine.boot({
      cpus: 2,
      ...quick,
      parameters: { ...quick.parameters, 'spin.budget': 0 },
    });
    const turns = await machine.run<number>({ module, export: 'waitsAgainAndAgain' });
    expect(Math.min(...turns)).toBeGreaterThan(100);
  });

  test('a thread terminated from outside', async () => {
    const workers: Worker[] = [];
    const remember = (worker: Worker): unknown => workers.push(worker);
    process.on('worker', remember);
    machine = await Machine.boot({ cpus: 2 });
    process.off('worker', remember);
    const running = machine.run({ module, export: 'spinsWithRelax' });
    await workers[1]!.terminate();
    await expect(running).rejects.toThrow(/CPU 1: lost its thread: .*terminated the worker/);
  });
});

describe('after a crash', () => {
  test('the machine still tells its story, refuses to run, and shuts down as often as one likes', async () => {
    await crashOf('throws');
    expect(machine!.dmesg().join('\n')).toMatch(/gin joints/);
    expect(machine!.report()).toMatch(/CPU 1: dead/);
    await expect(machine!.run({ module, export: 'throws' })).rejects.toThrow(
      /not up: it has crashed \(CPU 1: .*boot another one/,
    );
    await machine!.shutdown();
    await machine!.shutdown();
  });
});

describe('panic_on_oops off', () => {
  const parameters = { panic_on_oops: false };

  test('an oops ends the task and its run; the machine lives on', async () => {
    machine = await Machine.boot({ cpus: 2, parameters });
    const failed = machine.run({ module, export: 'hitsBug', args: { who: 1 } }, { cpus: [1] });
    await expect(failed).rejects.toMatchObject({
      name: 'ProgramError',
      message: matching(/CPU 1: the program failed: kernel BUG/),
    });
    const basics = new URL('../programs/basics.ts', import.meta.url);
    expect(await machine.run({ module: basics, args: 7 })).toEqual([0, 7]);
    expect(machine.report()).toMatch(/Tainted: D/);
  });

  test('but not in an explicit panic', async () => {
    const { reason } = await crashOf('panics', { parameters });
    expect(reason).toMatch(/enough is enough/);
  });
});

describe('warnings', () => {
  test('WARN goes on and taints', async () => {
    machine = await Machine.boot({ cpus: 2 });
    await machine.run({ module, export: 'warns', args: { who: 1 } }, { cpus: [1] });
    expect(machine.report()).toMatch(/Tainted: W/);
    expect(machine.dmesg().join('\n')).toMatch(/cut here[^]*that looks odd[^]*WARNING: CPU: 1/);
  });

  test('WARN with panic_on_warn does not', async () => {
    const { reason } = await crashOf('warns', { parameters: { panic_on_warn: true } });
    expect(reason).toMatch(/panic_on_warn set: that looks odd/);
  });
});

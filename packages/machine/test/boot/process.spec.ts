/** What becomes of the host process: scripts that forget, fail or are interrupted end all the same. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const here = new URL('.', import.meta.url);
const prelude = `
  import { Machine } from '${new URL('../../src/boot/index.ts', here).href}';
  const faults = '${new URL('../programs/faults.ts', here).href}';
  const basics = '${new URL('../programs/basics.ts', here).href}';
`;
const flags = ['--conditions=@percpu/source', '--input-type=module-typescript'];

/** No piscina on this host, as far as the script can tell. */
const withoutPiscina = `data:text/javascript,import { registerHooks } from 'node:module';
  registerHooks({ resolve(name, context, next) {
    if (name === 'piscina') throw new Error('absent');
    return next(name, context);
  } });`;

const run = (script: string, extra: readonly string[] = []): Promise<{ stdout: string }> =>
  promisify(execFile)(process.execPath, [...flags, ...extra, '-e', prelude + script], {
    timeout: 30_000,
  });

test.each<[string, string, readonly string[], RegExp]>([
  // case                     script                                                  flags   prints
  [
    'a crash without a shutdown',
    `const machine = await Machine.boot({ cpus: 2 });
     await machine.run({ module: faults, export: 'throws', args: { who: 0 } }).catch((e) => console.log(e.reason));`,
    [],
    /gin joints/,
  ],
  [
    'a CPU that never looks, and a shutdown',
    `const machine = await Machine.boot({ cpus: 2 });
     const run = machine.run({ module: faults, export: 'spinsInPureJs', args: { who: 1 } });
     setTimeout(() => machine.shutdown(), 100);
     await run.catch((e) => console.log(e.message));`,
    [],
    /shut down while the program ran/,
  ],
  [
    'memory too small',
    `await Machine.boot({ cpus: 64, memory: 2 ** 20 }).catch((e) => console.log(e.message));`,
    [],
    /too few for 64 CPUs/,
  ],
  [
    'piscina is not installed',
    `await Machine.boot({ cpus: 1 }).catch((e) => console.log(e.message));`,
    ['--import', withoutPiscina],
    /optional peer dependency of @percpu\/machine: npm install piscina/,
  ],
])('the process ends by itself: %s', async (_case, script, extra, prints) => {
  expect((await run(script, extra)).stdout).toMatch(prints);
});

test('Ctrl-C ends a machine that spins', async () => {
  const script = `const machine = await Machine.boot({ cpus: 2 });
    const run = machine.run({ module: faults, export: 'spinsInPureJs', args: { who: 1 } });
    console.log('running');
    await run;`;
  const child = spawn(process.execPath, [...flags, '-e', prelude + script]);
  await once(child.stdout, 'data');
  child.kill('SIGINT');
  const [, signal] = (await once(child, 'exit')) as [number | null, string];
  expect(signal).toBe('SIGINT');
});

test('workers that cannot start: boot says so, and the process ends', async () => {
  const withoutWorker = `data:text/javascript,import { registerHooks } from 'node:module';
    registerHooks({ resolve(name, context, next) {
      if (name.includes('boot/worker')) throw new Error('no such worker');
      return next(name, context);
    } });`;
  const script = `await Machine.boot({ cpus: 2 }).catch((e) => console.log(e.reason));`;
  const { stdout } = await run(script, ['--import', withoutWorker]);
  expect(stdout).toMatch(/could not start|CPU \d: lost its thread/);
});

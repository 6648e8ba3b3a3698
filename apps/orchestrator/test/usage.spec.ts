/** What the command says to those who mistype, and that it says it on standard error with code 2. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DEMO, emptyFolder, run, runProcess } from './helpers/command.ts';

const demo = ['--module', DEMO];

test.concurrent.each([
  // command line                                       what the message must hold
  [['scal'], /unknown command "scal": did you mean "scale"\?/],
  [['frobnicate'], /unknown command "frobnicate": the commands are list, scale, /],
  [['--jsno'], /unknown option "--jsno"/],
  [['scale', '--repeat', '3'], /no option --repeat: did you mean --repeats\?/],
  [['scale', '--repeats'], /--repeats needs a value: --repeats R/],
  [['scale', '--out', '--json'], /--out needs a value: --out DIR/],
  [['scale', '--json=yes'], /--json takes no value, but was given "yes"/],
  [['scale', '--cpus', '0'], /--cpus: "0" is not a CPU count; accepted are counts from 1 to 4096/],
  [['scale', '--cpus', '1,-2'], /--cpus: "-2" is not a CPU count/],
  [['scale', '--cpus', '1.5'], /--cpus: "1.5" is not a CPU count/],
  [['scale', '--cpus', '4-2'], /--cpus: "4-2" is not a CPU count/],
  [['scale', '--cpus', '5000'], /--cpus: "5000" is not a CPU count/],
  [['scale', '--seconds', '0'], /--seconds: "0" is not a number from 0.001 to 60 s/],
  [['scale', '--seconds', 'long'], /--seconds: "long" is not a number/],
  [['scale', '--repeats', '2.5'], /--repeats: "2.5" is not a whole number from 1 to 1000/],
  [['scale', '--seed=-1'], /--seed: "-1" is not a whole number from 0/],
  [['scale', '--seconds', '1', '--work', '9'], /--seconds and --work exclude each other/],
  [
    ['scale', '--clock', 'parallel', '--profile', 'fast'],
    /--profile: "fast" is unknown; .* quick, default, thorough/,
  ],
  [
    ['scale', '--clock', 'wall'],
    /--clock: "wall" is no clock; accepted are parallel, model and both/,
  ],
  [['scale', '--variants', 'a,,b'], /--variants: "a,,b" has an empty name/],
  [['scale', '--set', 'heldNs'], /--set: "heldNs" is not of the form knob=value/],
  [['scale', 'demo-ad', ...demo], /unknown experiment "demo-ad".*"demo-add"/],
  [['scale', 'demo-add', '--variants', 'shard', ...demo], /unknown variant "shard".*"shared"/],
  [['scale', 'demo-add', '--set', 'thinkNS=0', ...demo], /unknown knob "thinkNS".*"thinkNs"/],
  [
    ['scale', 'demo-add', '--set', 'thinkNs=7', ...demo],
    /thinkNs does not take "7"; accepted: 0, 100/,
  ],
  [
    ['scale', 'demo-add', '--clock', 'model', ...demo],
    /demo-add does not run under the model clock/,
  ],
  [['scale', '--module', 'nowhere.ts'], /--module: there is no file .*nowhere\.ts/],
  [['scenario'], /too few arguments; usage: percpu scenario NAME/],
  [['scenario', 'demo-good', ...demo], /unknown scenario "demo-good"/],
  [['scenario', 'a', 'b'], /unexpected argument "b"; usage: percpu scenario NAME/],
  [['explore'], /percpu explore needs a NAME, or --package/],
  [['explore', 'litmus-bs'], /unknown exploration "litmus-bs"\. Did you mean "litmus-/],
  [['explore', 'litmus-bs'], /percpu list shows the \d+ that there are\.$/m],
  [['explore', 'demo-no-such-thing'], /unknown exploration "demo-no-such-thing"/],
  [['explore', '--package', '@percpu/lokcs'], /unknown package with explorations "@percpu\/lokcs"/],
  [['explore', 'a', '--schedules', '0'], /--schedules: "0" is not a whole number from 1/],
  [['explore', 'a', '--seconds', 'long'], /--seconds: "long" is not a number from 0\.001/],
  [['explore', 'a', '--replay', 'x', '--seed', '1'], /--seed has no meaning beside it/],
  [['explore', 'a', 'b', '--replay', 'x'], /--replay needs the one NAME/],
  [['model'], /too few arguments; usage: percpu model validate\|profiles/],
  [['model', 'valdate'], /unknown part of percpu model "valdate".*"validate"/],
  [['conformance', '@percpu/rcu'], /no package brings conformance data.*none/],
  [['report'], /too few arguments; usage: percpu report RESULTS/],
  [['report', 'nowhere'], /there is no file or folder .*nowhere/],
  [['compare', 'nowhere'], /too few arguments; usage: percpu compare A B/],
  [['compare', 'a', 'b'], /there is no file or folder .*a/],
])('percpu %j', async (args, message) => {
  const { code, stdout, stderr } = await run(args);
  expect(stderr).toMatch(message);
  expect(stderr, 'no stack trace').not.toMatch(/^\s+at /m);
  expect(stdout).toBe('');
  expect(code).toBe(2);
});

test('as a process: on standard error, with exit code 2', async () => {
  const { code, stdout, stderr } = await runProcess(['scal']);
  expect(stderr).toBe('percpu: unknown command "scal": did you mean "scale"?\n');
  expect([code, stdout]).toEqual([2, '']);
});

test.concurrent.each([
  // a module of a user                            what the message must hold
  ['throw new Error("no such luck");', /cannot import the module mine\.ts .*no such luck/],
  [
    'export const x: number = 1;',
    /exports none of "experiments", "scenarios", "explorations", "tortures"/,
  ],
  ['export const experiments = 7;', /"experiments" must be an array/],
  ['export const experiments = [null];', /"experiments" must be an array/],
])('--module with %j', async (text, message) => {
  const folder = emptyFolder();
  writeFileSync(join(folder, 'mine.ts'), text);
  const { code, stderr } = await run(['list', '--module', 'mine.ts'], folder);
  expect(stderr).toMatch(message);
  expect(code).toBe(2);
});

test.concurrent.each([
  // command line              what standard output must hold
  [[], /usage: percpu COMMAND/],
  [['--help'], /usage: percpu COMMAND/],
  [['help', 'compare'], /usage: percpu compare A B/],
  [['scale', '--help'], /--repeats R +repeats of every point/],
  [['report', '-h'], /usage: percpu report RESULTS/],
  [['--version'], /^\d+\.\d+\.\d+\n$/],
])('percpu %j helps', async (args, text) => {
  const { code, stdout, stderr } = await run(args);
  expect(stdout).toMatch(text);
  expect(stderr).toBe('');
  expect(code).toBe(0);
});

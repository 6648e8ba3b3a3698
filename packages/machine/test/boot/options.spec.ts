/** What boot and run refuse, and what they say. Nothing of this starts a thread that stays. */
import { expect, test } from 'vitest';
import { Machine } from '../../src/boot/index.ts';
import type { BootOptions, ProgramSpec, RunOptions } from '../../src/boot/index.ts';

const GIB = 2 ** 30;

test.each<[string, unknown, RegExp]>([
  // case                 options                             the sentence
  ['nothing', undefined, /Machine\.boot: undefined; accepted is \{ cpus/],
  ['no cpus', {}, /cpus: undefined; accepted is a whole number from 1 to 1024/],
  ['0 CPUs', { cpus: 0 }, /cpus: 0; accepted is a whole number from 1 to 1024/],
  ['negative', { cpus: -1 }, /cpus: -1; accepted/],
  ['fractional', { cpus: 1.5 }, /cpus: 1\.5; accepted/],
  ['NaN', { cpus: NaN }, /cpus: NaN; accepted/],
  ['too many', { cpus: 1025 }, /cpus: 1025; accepted/],
  ['a string', { cpus: '2' }, /cpus: "2"; accepted/],
  ['too many with joinable', { cpus: 1000, joinable: 25 }, /joinable: 25; .*0 to 24 \(with 1000/],
  ['negative joinable', { cpus: 1, joinable: -1 }, /joinable: -1; accepted/],
  [
    'memory a string',
    { cpus: 1, memory: '1G' },
    /memory: "1G"; accepted is a whole number of bytes/,
  ],
  ['memory NaN', { cpus: 1, memory: NaN }, /memory: NaN; accepted/],
  ['memory 1 KiB', { cpus: 1, memory: 1024 }, /memory: 1024; .* from 1048576 \(1 MiB\)/],
  ['memory above 4 GiB', { cpus: 1, memory: 4 * GIB + 1 }, /memory: 4294967297; .*4080 MiB/],
  [
    'memory too small for the CPUs',
    { cpus: 64, memory: 2 ** 20 },
    /too few for 64 CPUs.*default would be/,
  ],
  ['heap limit', { cpus: 1, heapMb: 1 }, /heapMb: 1; accepted is a number of MiB from 8/],
  [
    'unknown backend',
    { cpus: 1, parameters: { 'memory.backend': 'gpu' } },
    /memory.backend="gpu": accepted is one of auto, atomics, wasm/,
  ],
  [
    'unknown parameter',
    { cpus: 1, parameters: { 'spin.budgt': 1 } },
    /unknown boot parameter "spin\.budgt"; did you mean spin\.budget\?/,
  ],
  [
    'nothing like it',
    { cpus: 1, parameters: { xyzzy: 1 } },
    /unknown boot parameter "xyzzy" \(known: .*spin\.budget/,
  ],
  [
    'wrong type',
    { cpus: 1, parameters: { 'spin.budget': 'many' } },
    /spin\.budget="many": accepted is a whole number from 0/,
  ],
  [
    'out of range',
    { cpus: 1, parameters: { 'dmesg.lines': 3 } },
    /dmesg\.lines=3: accepted is a whole number from 16/,
  ],
  [
    'not boolean',
    { cpus: 1, parameters: { panic_on_warn: 1 } },
    /panic_on_warn=1: accepted is true or false/,
  ],
])('boot refuses: %s', async (_case, options, sentence) => {
  await expect(Machine.boot(options as BootOptions)).rejects.toThrow(sentence);
});

const url = (name: string): URL => new URL(`../programs/${name}`, import.meta.url);

test.each<[string, ProgramSpec, RunOptions, RegExp]>([
  // case                program                                        options           the sentence
  [
    'no such file',
    { module: url('missing.ts') },
    {},
    /cannot import the program .*missing\.ts: .*Cannot find/,
  ],
  [
    'a module that throws',
    { module: url('broken-import.ts') },
    {},
    /cannot import .*this module cannot be loaded/,
  ],
  [
    'no such export',
    { module: url('basics.ts'), export: 'mian' },
    {},
    /no export mian; did you mean main\?/,
  ],
  [
    'no function',
    { module: url('faults.ts'), export: 'notAFunction' },
    {},
    /notAFunction .* is no function but number/,
  ],
  ['no module', { module: '' }, {}, /module: ; accepted is the URL or the path/],
  [
    'no such CPU',
    { module: url('basics.ts') },
    { cpus: [0, 2] },
    /no CPU 2; this machine has 0 to 1/,
  ],
  ['no CPUs', { module: url('basics.ts') }, { cpus: [] }, /cpus: \[\]; accepted is 'all'/],
  [
    'timeout',
    { module: url('basics.ts') },
    { timeoutMs: -5 },
    /timeoutMs: -5; accepted is a number above 0/,
  ],
  [
    'args that cannot be sent',
    { module: url('basics.ts'), args: () => 1 },
    {},
    /args of the program cannot be sent/,
  ],
  [
    'a result that cannot',
    { module: url('faults.ts'), export: 'returnsFunction' },
    {},
    /result of the program cannot be sent/,
  ],
])('run refuses, and the machine is unharmed: %s', async (_case, program, options, sentence) => {
  await using machine = await Machine.boot({ cpus: 2 });
  await expect(machine.run(program, options)).rejects.toThrow(sentence);
  expect(await machine.run({ module: url('basics.ts'), args: 3 })).toEqual([0, 3]);
});

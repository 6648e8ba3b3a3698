/** WARN, taint and the once-table, on CPUs stepped by hand. (Crashes are in boot/crash.spec.ts.) */
import { describe, expect, test } from 'vitest';
import {
  addTaint,
  describeTaint,
  errnoName,
  Errno,
  machineReport,
  readDmesg,
  Taint,
  warn,
  warnOnce,
} from '../../src/index.ts';
import type { Cpu } from '../../src/index.ts';
import { cpusInOneThread } from '../support/cpus-in-one-thread.ts';

const log = (cpu: Cpu): string[] =>
  readDmesg(cpu.memory, cpu.machine.dmesg).lines.map(({ text }) => text);

test('WARN returns its condition and reports only when it holds', () => {
  const [cpu] = cpusInOneThread(1);
  expect(warn(cpu!, false, 'fine')).toBe(false);
  expect(log(cpu!)).toEqual([]);
  expect(warn(cpu!, true, 'not fine')).toBe(true);
  expect(log(cpu!).slice(0, 3)).toEqual([
    '------------[ cut here ]------------',
    'not fine',
    expect.stringMatching(/^WARNING: CPU: 0 Comm: swapper\S* Not tainted context: task irqs: on$/),
  ]);
});

describe('WARN_ONCE', () => {
  test('reports each text once per machine, whichever CPU comes', () => {
    const [a, b] = cpusInOneThread(2);
    for (const cpu of [a!, b!, a!]) expect(warnOnce(cpu, true, 'the one')).toBe(true);
    warnOnce(b!, true, 'the other');
    warnOnce(b!, false, 'neither');
    expect(log(a!).filter((text) => text.startsWith('the '))).toEqual(['the one', 'the other']);
  });

  test('a full table reports too often rather than not at all', () => {
    const [cpu] = cpusInOneThread(1, { 'dmesg.lines': 16_384 });
    for (let i = 0; i < 600; i++) warnOnce(cpu!, true, `text ${i}`);
    warnOnce(cpu!, true, 'text 599');
    const texts = log(cpu!).filter((text) => text.startsWith('text '));
    expect(new Set(texts).size).toBe(600);
  });
});

test.each([
  [[], 'Not tainted'],
  [['warn'], 'Tainted: W'],
  [['die', 'warn'], 'Tainted: D W'],
  [['warn', 'proprietaryModule', 'outOfTree'], 'Tainted: P W O'],
  [['softLockup', 'badPage', 'machineCheck'], 'Tainted: M B L'],
] as const)('taint %j is "%s"', (flags, letters) => {
  const [cpu] = cpusInOneThread(1);
  for (const flag of flags) addTaint(cpu!, flag);
  expect(machineReport(cpu!.memory, cpu!.machine)).toContain(letters);
});

test('every taint flag has a letter', () => {
  const all = Object.values(Taint).reduce<number>((flags, bit) => flags | (1 << bit), 0);
  expect(describeTaint(all)).toBe('Tainted: P F R M B U D W C O L');
});

test.each([
  [Errno.ENOENT, 'ENOENT'],
  [Errno.ENXIO, 'ENXIO'],
  [-9999, '-9999'],
])('error code %d is %s', (code, name) => {
  expect(errnoName(code)).toBe(name);
});

describe('a report', () => {
  test('shows what each CPU is in', () => {
    const [a, b] = cpusInOneThread(2);
    a!.preemptDisable();
    a!.localBhDisable();
    b!.localIrqDisable();
    const [head, first, second] = machineReport(a!.memory, a!.machine).split('\n');
    expect(head).toBe('2 CPUs, Not tainted');
    expect(first).toMatch(/^CPU 0: .*bh off 1, preempt 1, irqs on/);
    expect(second).toMatch(/^CPU 1: .*task, irqs off/);
  });

  test('names the last kernel function called', () => {
    const [cpu] = cpusInOneThread(1);
    cpu!.text.call(cpu!.text.define('do_nothing', () => undefined));
    expect(machineReport(cpu!.memory, cpu!.machine)).toContain('last called do_nothing+0x0/0x10');
  });
});

test('a report of many CPUs has a line for those that say the same', () => {
  const cpus = cpusInOneThread(9);
  const { memory, machine } = cpus[0]!;
  cpus[4]!.localIrqDisable();
  const [, most, other] = machineReport(memory, machine).split('\n');
  expect(most).toMatch(/^CPU 0-3,5-8: .* irqs on/);
  expect(other).toMatch(/^CPU 4: .* irqs off/);
});

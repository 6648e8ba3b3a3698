/** Functions by address: the same on all CPUs, gone when their module is. */
import { createMemory } from '@percpu/memory';
import { describe, expect, test } from 'vitest';
import { attachCpu, bringUpMachine, KernelPanic, readDmesg, symbolName } from '../../src/index.ts';
import type { Cpu } from '../../src/index.ts';
import { HIGH_TEXT_BASE, LOW_TEXT_BASE } from '../../src/text-layout.ts';
import { cpusInOneThread } from '../support/cpus-in-one-thread.ts';

const two = (): [Cpu, Cpu] => cpusInOneThread(2) as [Cpu, Cpu];
const add = (_cpu: Cpu, a: number, b: number): number => a + b;

const lastWords = (cpu: Cpu): string => readDmesg(cpu.memory, cpu.machine.dmesg).lines[0]!.text;

describe('define', () => {
  test('gives the same address on every CPU, and another to another name', () => {
    const [a, b] = two();
    const first = a.text.define('first', add);
    const second = b.text.define('second', add);
    expect(b.text.define('first', add)).toBe(first);
    expect(second).not.toBe(first);
    expect([a.text.lookup('first'), b.text.lookup('second'), a.text.lookup('third')]).toEqual([
      first,
      second,
      0,
    ]);
  });

  test('each CPU calls its own function', () => {
    const [a, b] = two();
    const at = a.text.define('who', () => 'a');
    b.text.define('who', () => 'b');
    expect([a.text.call(at), b.text.call(at)]).toEqual(['a', 'b']);
  });

  test('passes the CPU and up to three numbers', () => {
    const [a] = two();
    const at = a.text.define('all', (cpu, x, y, z) => [cpu.id, x, y, z]);
    expect(a.text.call(at, 1, 2, 3)).toEqual([0, 1, 2, 3]);
    expect(a.text.call(at)).toEqual([0, 0, 0, 0]);
  });

  test('many names, none lost', () => {
    const [a, b] = two();
    const addresses = Array.from({ length: 500 }, (_, i) => a.text.define(`fn_${i}`, add));
    expect(new Set(addresses).size).toBe(500);
    expect(addresses.map((_, i) => b.text.lookup(`fn_${i}`))).toEqual(addresses);
  });

  test('a full table is a BUG that names the parameter', () => {
    const [cpu] = cpusInOneThread(1, { 'text.symbols': 16 });
    expect(() => {
      for (let i = 0; i < 17; i++) cpu!.text.define(`fn_${i}`, add);
    }).toThrow(KernelPanic);
    expect(lastWords(cpu!)).toMatch(/kernel text is full: .* raise text\.symbols/);
  });
});

test.each([
  // memory               text starts at
  [16 << 20, LOW_TEXT_BASE],
  [LOW_TEXT_BASE, LOW_TEXT_BASE],
  [LOW_TEXT_BASE + 65_536, HIGH_TEXT_BASE],
])('text of a machine of %d bytes is outside its memory', (bytes, base) => {
  const memory = createMemory({ bytes });
  const machine = bringUpMachine(memory, { cpus: 1 });
  expect(machine.textBase).toBe(base);
  expect(machine.textBase).toBeGreaterThanOrEqual(memory.byteLength);
  const cpu = attachCpu(memory, 0);
  expect(cpu.text.call(cpu.text.define('add', add), 1, 2)).toBe(3);
});

describe('symbolOf', () => {
  const [cpu] = two();
  const core = cpu.text.define('do_it', add);
  cpu.text.mapModule('e1000e');
  const inModule = cpu.text.define('probe', add, 'e1000e');
  test.each([
    [core, 'do_it+0x0/0x10'],
    [core + 4, 'do_it+0x4/0x10'],
    [inModule, 'probe+0x0/0x10 [e1000e]'],
    [0, ''],
    [0x1234, ''],
    [core + 0x10_0000, ''],
  ])('%d is %s', (at, name) => {
    expect(cpu.text.symbolOf(at)).toBe(name);
    expect(symbolName(cpu.memory, cpu.machine, at)).toBe(name);
  });
});

describe('modules', () => {
  test('the same name in two modules, and in none, are three functions', () => {
    const [cpu] = two();
    cpu.text.mapModule('one');
    cpu.text.mapModule('two');
    const addresses = ['', 'one', 'two'].map((module) => cpu.text.define('init', add, module));
    expect(new Set(addresses).size).toBe(3);
    expect(cpu.text.lookup('init', 'two')).toBe(addresses[2]);
  });

  test('loaded again, a module is somewhere else', () => {
    const [cpu] = two();
    const before = cpu.text.mapModule('mod');
    const old = cpu.text.define('fn', add, 'mod');
    cpu.text.unmapModule('mod');
    const after = cpu.text.mapModule('mod');
    const fresh = cpu.text.define('fn', add, 'mod');
    expect([after > before, fresh > old, cpu.text.lookup('fn', 'mod')]).toEqual([
      true,
      true,
      fresh,
    ]);
  });

  test.each<[string, (cpu: Cpu) => unknown, RegExp]>([
    [
      'mapped twice',
      (cpu) => (cpu.text.mapModule('m'), cpu.text.mapModule('m')),
      /m is mapped already/,
    ],
    ['unmapped and never mapped', (cpu) => cpu.text.unmapModule('m'), /no module m is mapped/],
    [
      'defined into and never mapped',
      (cpu) => cpu.text.define('f', add, 'm'),
      /no module m is mapped/,
    ],
    [
      'too small',
      (cpu) => (
        cpu.text.mapModule('m', 1),
        cpu.text.define('f', add, 'm'),
        cpu.text.define('g', add, 'm')
      ),
      /its range is full/,
    ],
    ['of no size', (cpu) => cpu.text.mapModule('m', 0), /room for 0 functions; accepted/],
  ])('refuses one that is %s', (_case, body, sentence) => {
    expect(() => body(two()[0])).toThrow(sentence);
  });
});

describe('calling an address', () => {
  test.each<[string, (a: Cpu, b: Cpu) => number, RegExp]>([
    ['NULL', () => 0, /kernel NULL pointer dereference, address: 0x00000000/],
    [
      'of data',
      () => 0x1234,
      /unable to handle page fault for address: 0x00001234 \(no function was ever there/,
    ],
    [
      'in free text',
      (a) => a.machine.textBase + 0x8000,
      /page fault for address: 0x7f008000 \(no function/,
    ],
    [
      'within a function',
      (a) => a.text.define('f', add) + 4,
      /page fault for address: 0x7f0000.4 \(it was f\+0x4/,
    ],
    [
      'that this CPU never loaded',
      (_a, b) => b.text.define('theirs', add),
      /CPU 0 calls theirs\+0x0\/0x10 .*never loaded/,
    ],
    [
      'of an unloaded module',
      (a) => {
        a.text.mapModule('gone');
        const at = a.text.define('callback', add, 'gone');
        a.text.unmapModule('gone');
        return at;
      },
      /page fault for address: 0x7f[0-9a-f]{6} \(it was callback\+0x0\/0x10 \[gone\]\)/,
    ],
    [
      'of a module another CPU unloaded',
      (a, b) => {
        a.text.mapModule('gone');
        const at = a.text.define('callback', add, 'gone');
        b.text.unmapModule('gone');
        return at;
      },
      /it was callback\+0x0\/0x10 \[gone\]/,
    ],
  ])('%s is an oops', (_case, address, sentence) => {
    const [a, b] = two();
    const at = address(a, b);
    expect(() => a.text.call(at)).toThrow(KernelPanic);
    expect(lastWords(a)).toMatch(sentence);
  });
});

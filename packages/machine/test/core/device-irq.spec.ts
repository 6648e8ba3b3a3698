import { memblockAlloc } from '@percpu/memory';
import { describe, expect, test } from 'vitest';
import { Machine } from '../../src/boot/index.ts';
import {
  Errno,
  freeIrq,
  KernelPanic,
  raiseIrq,
  readDmesg,
  requestIrq,
  startCpu,
} from '../../src/index.ts';
import type { Cpu } from '../../src/index.ts';
import { cpusInOneThread } from '../support/cpus-in-one-thread.ts';

const host = { hostWork: false, exit: false, outstanding: 0 };

function alone(): { cpu: Cpu; taken: number[][]; handler: number } {
  const [cpu] = cpusInOneThread(1);
  startCpu(cpu!, host);
  const taken: number[][] = [];
  const handler = cpu!.text.define('handler', (_cpu, irq, data) => void taken.push([irq, data]));
  return { cpu: cpu!, taken, handler };
}

describe('requestIrq', () => {
  test.each([
    [-1, Errno.EINVAL],
    [32, Errno.EINVAL],
    [1.5, Errno.EINVAL],
    [0, 0],
    [31, 0],
  ])('line %d gives %d', (irq, result) => {
    const { cpu, handler } = alone();
    expect(requestIrq(cpu, irq, handler, 0)).toBe(result);
  });

  test('a line is for one: -EBUSY, until it is freed', () => {
    const { cpu, handler } = alone();
    expect(requestIrq(cpu, 3, handler, 1)).toBe(0);
    expect(requestIrq(cpu, 3, handler, 2)).toBe(Errno.EBUSY);
    freeIrq(cpu, 3);
    expect(requestIrq(cpu, 3, handler, 3)).toBe(0);
    expect(requestIrq(cpu, 4, 0, 0)).toBe(Errno.EINVAL);
  });
});

describe('a line raised', () => {
  test('runs its handler with line and data, lowest line first', () => {
    const { cpu, taken, handler } = alone();
    for (const irq of [31, 0, 7]) requestIrq(cpu, irq, handler, irq * 10);
    for (const irq of [7, 31, 0, 7]) raiseIrq(cpu, 0, irq);
    cpu.relax();
    expect(taken).toEqual([
      [0, 0],
      [7, 70],
      [31, 310],
    ]);
  });

  test('with nobody there is reported once', () => {
    const { cpu } = alone();
    for (let i = 0; i < 3; i++) {
      raiseIrq(cpu, 0, 9);
      cpu.relax();
    }
    const { lines } = readDmesg(cpu.memory, cpu.machine.dmesg);
    expect(lines.filter(({ text }) => text.includes('irq 9: nobody cared'))).toHaveLength(1);
  });

  test('after freeIrq runs nothing', () => {
    const { cpu, taken, handler } = alone();
    requestIrq(cpu, 2, handler, 0);
    raiseIrq(cpu, 0, 2);
    freeIrq(cpu, 2);
    cpu.relax();
    expect(taken).toEqual([]);
    expect(() => freeIrq(cpu, 2)).toThrow(KernelPanic);
  });
});

test('a device interrupts three CPUs', async () => {
  await using machine = await Machine.boot({ cpus: 4 });
  const at = memblockAlloc(machine.memory, 256);
  const module = new URL('../programs/devices.ts', import.meta.url);
  const results = await machine.run({ module, export: 'handles', args: { at, rounds: 50 } });
  expect(results).toEqual([0, 25_000, 25_000, 25_000]);
});

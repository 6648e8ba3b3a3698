import type { Cpu } from '@percpu/machine';
import { memblockAlloc, percpuAlloc } from '@percpu/memory';
import { describe, expect, test } from 'vitest';
import {
  PercpuCounter,
  percpuCounterAdd,
  percpuCounterAddBatch,
  percpuCounterBatch,
  percpuCounterCompare,
  percpuCounterInit,
  percpuCounterRead,
  percpuCounterReadPositive,
  percpuCounterSet,
  percpuCounterSum,
  perCpuSum,
  perCpuSum64,
  thisCpuAdd,
  thisCpuAdd64,
  thisCpuInc,
} from '../src/index.ts';
import { cpusInOneThread } from './support/one-thread.ts';

describe('per-CPU counter', () => {
  function counter(cpus: number, value = 0): { cpus: Cpu[]; at: number } {
    const all = cpusInOneThread(cpus);
    const at = memblockAlloc(all[0]!.memory, PercpuCounter.size, PercpuCounter.align);
    percpuCounterInit(all[0]!, at, value);
    return { cpus: all, at };
  }

  // prettier-ignore
  test.each<[string, number, number[], number, number]>([
    // case                              batch  amounts added by CPU 0        read    sum
    ['below the batch',                  10,    [4, 5],                       0,      9],
    ['reaches the batch',                10,    [4, 5, 1],                    10,     10],
    ['negative',                         10,    [-4, -6, -3],                 -10,    -13],
    ['up and down',                      10,    [9, -9, 9, -9],               0,      0],
    ['a large amount goes straight on',  10,    [3, 2 ** 40],                 2 ** 40 + 3, 2 ** 40 + 3],
    ['and takes the local part along',   10,    [3, -(2 ** 52), 1],           3 - 2 ** 52, 4 - 2 ** 52],
    ['batch 1: always exact',            1,     [1, 1, -1],                   1,      1],
  ])('%s', (_, batch, amounts, read, sum) => {
    const { cpus, at } = counter(2);
    for (const amount of amounts) percpuCounterAddBatch(cpus[0]!, at, amount, batch);
    expect([percpuCounterRead(cpus[1]!, at), percpuCounterSum(cpus[1]!, at)]).toEqual([read, sum]);
  });

  test('the approximation is off by less than a batch for each CPU', () => {
    const { cpus, at } = counter(8, 1000);
    const batch = percpuCounterBatch(cpus[0]!);
    for (const cpu of cpus) for (let i = 0; i < batch - 1; i++) percpuCounterAdd(cpu, at, 1);
    expect(percpuCounterRead(cpus[0]!, at)).toBe(1000);
    expect(percpuCounterSum(cpus[0]!, at)).toBe(1000 + 8 * (batch - 1));
    expect(percpuCounterSum(cpus[0]!, at) - percpuCounterRead(cpus[0]!, at)).toBeLessThan(
      8 * batch,
    );
  });

  test('set, compare, and a reading that is never negative', () => {
    const { cpus, at } = counter(2);
    for (const amount of [7, -20]) percpuCounterAddBatch(cpus[1]!, at, amount, 16);
    percpuCounterAddBatch(cpus[1]!, at, 3, 1000);
    expect([percpuCounterRead(cpus[0]!, at), percpuCounterReadPositive(cpus[0]!, at)]).toEqual([
      -13, 0,
    ]);
    percpuCounterSet(cpus[0]!, at, 50);
    percpuCounterAdd(cpus[1]!, at, 5);
    expect(
      [54, 55, 56, 10_000, -10_000].map((other) => percpuCounterCompare(cpus[0]!, at, other)),
    ).toEqual([1, 0, -1, -1, 1]);
  });

  test.each([0, -1, 2 ** 31, NaN])('a batch of %s is refused', (batch) => {
    const { cpus, at } = counter(1);
    expect(() => percpuCounterAddBatch(cpus[0]!, at, 1, batch)).toThrow(
      /accepted are whole numbers from 1 to 2\^30/,
    );
  });
});

describe('per-CPU variables', () => {
  test('each CPU adds to its own', () => {
    const cpus = cpusInOneThread(3);
    const { memory, machine } = cpus[0]!;
    const at = percpuAlloc(memory, machine.percpu, 4, 4);
    const wide = percpuAlloc(memory, machine.percpu, 8, 8);
    for (const cpu of cpus) {
      thisCpuInc(cpu, at);
      thisCpuAdd(cpu, at, 0xffff_ffff);
      thisCpuAdd(cpu, at, cpu.id);
      thisCpuAdd64(cpu, wide, -(2 ** 40));
    }
    expect([perCpuSum(cpus[0]!, at), perCpuSum64(cpus[2]!, wide)]).toEqual([3, -3 * 2 ** 40]);
  });
});

/** When interrupts are taken, in which context, and what a handler may not do. */
import { describe, expect, test } from 'vitest';
import {
  CpuStopped,
  FIRST_FREE_VECTOR,
  KernelPanic,
  NMI_BACKTRACE,
  NMI_STOP,
  readDmesg,
  raiseInterrupt,
  startCpu,
  triggerBacktrace,
} from '../../src/index.ts';
import type { Cpu } from '../../src/index.ts';
import { cpusInOneThread } from '../support/cpus-in-one-thread.ts';

const VECTOR = FIRST_FREE_VECTOR;

/** A CPU that notes in which context it took VECTOR. */
function listening(): { cpu: Cpu; taken: string[] } {
  const [cpu] = cpusInOneThread(1);
  const taken: string[] = [];
  cpu!.setVector(VECTOR, (on) => {
    taken.push(
      `${on.inHardirq() ? 'hardirq' : 'elsewhere'}, irqs ${on.irqsDisabled() ? 'off' : 'on'}`,
    );
  });
  return { cpu: cpu!, taken };
}

/** One turn of the main loop with nothing to run. */
function idle(cpu: Cpu): void {
  cpu.idle(() => false);
  cpu.takeInterrupts();
}

describe('an interrupt raised', () => {
  test.each<[string, (cpu: Cpu) => void, (cpu: Cpu) => void, number]>([
    // where it is taken     before                        then                            times
    ['in relax', () => {}, (cpu) => cpu.relax(), 1],
    ['on enabling irqs', (cpu) => cpu.localIrqDisable(), (cpu) => cpu.localIrqEnable(), 1],
    [
      'on the outermost preemptEnable',
      (cpu) => cpu.preemptDisable(),
      (cpu) => cpu.preemptEnable(),
      1,
    ],
    ['on enabling bottom halves', (cpu) => cpu.localBhDisable(), (cpu) => cpu.localBhEnable(), 1],
    ['after the idle sleep', () => {}, idle, 1],
    ['with preemption off all the same', (cpu) => cpu.preemptDisable(), (cpu) => cpu.relax(), 1],
    ['not with irqs off', (cpu) => cpu.localIrqDisable(), (cpu) => cpu.relax(), 0],
    [
      'not on an inner restore',
      (cpu) => void cpu.localIrqSave(),
      (cpu) => cpu.localIrqRestore(cpu.localIrqSave()),
      0,
    ],
  ])('is taken %s', (_where, before, then, times) => {
    const { cpu, taken } = listening();
    before(cpu);
    cpu.raise(0, VECTOR);
    expect(taken).toEqual([]);
    then(cpu);
    expect(taken).toEqual(Array(times).fill('hardirq, irqs off'));
  });

  test('twice before it is taken is taken once', () => {
    const { cpu, taken } = listening();
    expect(raiseInterrupt(cpu.memory, cpu.machine, 0, VECTOR)).toBe(true);
    expect(raiseInterrupt(cpu.memory, cpu.machine, 0, VECTOR)).toBe(false);
    cpu.relax();
    cpu.relax();
    expect(taken).toHaveLength(1);
  });

  test('in a handler is taken after it, never inside it', () => {
    const { cpu } = listening();
    const order: string[] = [];
    cpu.setVector(VECTOR + 1, (on) => {
      order.push('begin');
      on.raise(0, VECTOR + 2);
      on.relax();
      order.push('end');
    });
    cpu.setVector(VECTOR + 2, () => void order.push('second'));
    cpu.raise(0, VECTOR + 1);
    cpu.relax();
    expect(order).toEqual(['begin', 'end', 'second']);
  });
});

describe('a handler may not', () => {
  test.each<[string, (cpu: Cpu) => void, RegExp]>([
    [
      'leave preemption off',
      (cpu) => cpu.preemptDisable(),
      /entered with preempt_count 0x00010000 and left with 0x00010001/,
    ],
    ['leave it too far on', (cpu) => cpu.preemptCountAdd(-1), /entered with preempt_count/],
    [
      'enable interrupts',
      (cpu) => cpu.localIrqEnable(),
      /interrupts enabled inside a hard interrupt/,
    ],
    [
      'throw',
      () => {
        throw new Error('oh');
      },
      /oh/,
    ],
  ])('%s', (_what, handler, sentence) => {
    const [cpu] = cpusInOneThread(1, { panic_on_oops: false });
    cpu!.setVector(VECTOR, handler);
    cpu!.raise(0, VECTOR);
    expect(() => cpu!.relax()).toThrow(KernelPanic);
    const { lines } = readDmesg(cpu!.memory, cpu!.machine.dmesg);
    expect(lines[0]!.text).toMatch(sentence);
  });

  test('be set twice', () => {
    const { cpu } = listening();
    expect(() => cpu.setVector(VECTOR, () => {})).toThrow(KernelPanic);
  });
});

describe('non-maskable', () => {
  test('a backtrace is printed with interrupts off too', () => {
    const [asking, asked] = cpusInOneThread(2);
    startCpu(asked!, { hostWork: false, exit: false, outstanding: 0 });
    asked!.localIrqDisable();
    triggerBacktrace(asking!, 1);
    asked!.relax();
    const { lines } = readDmesg(asked!.memory, asked!.machine.dmesg);
    expect(lines.map(({ text }) => text).join('\n')).toMatch(
      /NMI backtrace\nCPU 1: .*nmi, irqs off/,
    );
    expect(asked!.irqsDisabled()).toBe(true);
  });

  test('stop is thrown at every look until the program gives up', () => {
    const [cpu] = cpusInOneThread(1);
    cpu!.localIrqDisable();
    cpu!.raise(0, NMI_STOP);
    for (let look = 0; look < 3; look++) expect(() => cpu!.relax()).toThrow(CpuStopped);
  });

  test('the bit numbers are above all maskable ones', () => {
    expect(NMI_BACKTRACE).toBeGreaterThan(FIRST_FREE_VECTOR);
  });
});

/** Soft irqs of one CPU: what runs, when, in which order, and what a bad handler leaves behind. */
import { describe, expect, test } from 'vitest';
import {
  BLOCK_SOFTIRQ,
  HI_SOFTIRQ,
  irqEnter,
  irqExit,
  localSoftirqPending,
  MAX_SOFTIRQ_RESTART,
  NET_RX_SOFTIRQ,
  NET_TX_SOFTIRQ,
  NR_SOFTIRQS,
  openSoftirq,
  raiseSoftirq,
  raiseSoftirqIrqoff,
  RCU_SOFTIRQ,
  SCHED_SOFTIRQ,
  SOFTIRQ_NAMES,
} from '../../src/index.ts';
import type { Cpu } from '../../src/index.ts';
import { clockedCpus, dmesgTexts } from '../support/clocked-cpus.ts';

/** Soft irqs that nobody has opened yet on a CPU that has just started. */
const FREE = [NET_TX_SOFTIRQ, NET_RX_SOFTIRQ, BLOCK_SOFTIRQ, SCHED_SOFTIRQ, RCU_SOFTIRQ];

/** A CPU whose free soft irqs write down that they ran. */
function recording(): { cpu: Cpu; ran: string[] } {
  const { cpu } = clockedCpus();
  const ran: string[] = [];
  for (const nr of FREE) openSoftirq(cpu, nr, () => ran.push(SOFTIRQ_NAMES[nr]!));
  return { cpu, ran };
}

test('names and numbers are those of Linux', () => {
  expect(SOFTIRQ_NAMES).toHaveLength(NR_SOFTIRQS);
  expect(SOFTIRQ_NAMES.join(' ')).toBe(
    'HI TIMER NET_TX NET_RX BLOCK IRQ_POLL TASKLET SCHED HRTIMER RCU',
  );
});

describe('where they run', () => {
  test.each<[string, (cpu: Cpu) => void, (cpu: Cpu) => void]>([
    // case                      raised so                             and runs when
    ['irq exit', inHardirq, () => undefined],
    ['bottom halves on', bhOff, (cpu) => cpu.localBhEnable()],
    ['outermost bh enable only', bhOffTwice, bhOnTwice],
    ['main loop', (cpu) => raiseSoftirq(cpu, RCU_SOFTIRQ), (cpu) => cpu.takeInterrupts()],
    ['relax, in time', (cpu) => raiseSoftirq(cpu, RCU_SOFTIRQ), relaxForLong],
    ['preemption off is no obstacle', preemptOffHardirq, () => undefined],
  ])('%s', (_case, raise, then) => {
    const { cpu, ran } = recording();
    raise(cpu);
    then(cpu);
    expect(ran).toEqual(['RCU']);
    expect(localSoftirqPending(cpu)).toBe(0);
  });

  test.each<[string, (cpu: Cpu) => void]>([
    ['with bottom halves off', bhOff],
    ['with interrupts off', irqsOff],
    ['in a nested hard interrupt', nestedHardirq],
  ])('not %s', (_case, raise) => {
    const { cpu, ran } = recording();
    raise(cpu);
    cpu.takeInterrupts();
    expect(ran).toEqual([]);
    expect(localSoftirqPending(cpu)).toBe(1 << RCU_SOFTIRQ);
  });

  function inHardirq(cpu: Cpu): void {
    const flags = irqEnter(cpu, 'hardirq');
    raiseSoftirqIrqoff(cpu, RCU_SOFTIRQ);
    irqExit(cpu, 'hardirq', flags);
  }
  function nestedHardirq(cpu: Cpu): void {
    irqEnter(cpu, 'hardirq');
    inHardirq(cpu);
  }
  function preemptOffHardirq(cpu: Cpu): void {
    cpu.preemptDisable();
    inHardirq(cpu);
  }
  function bhOff(cpu: Cpu): void {
    cpu.localBhDisable();
    raiseSoftirq(cpu, RCU_SOFTIRQ);
  }
  function bhOffTwice(cpu: Cpu): void {
    cpu.localBhDisable();
    bhOff(cpu);
  }
  function bhOnTwice(cpu: Cpu): void {
    cpu.localBhEnable();
    expect(localSoftirqPending(cpu)).not.toBe(0);
    cpu.localBhEnable();
  }
  function irqsOff(cpu: Cpu): void {
    cpu.localIrqDisable();
    raiseSoftirqIrqoff(cpu, RCU_SOFTIRQ);
  }
  function relaxForLong(cpu: Cpu): void {
    for (let turn = 0; turn < 64; turn++) cpu.relax();
  }
});

describe('order', () => {
  test('lowest number first, each once', () => {
    const { cpu, ran } = recording();
    cpu.localBhDisable();
    for (const nr of [...FREE].reverse()) raiseSoftirq(cpu, nr);
    raiseSoftirq(cpu, BLOCK_SOFTIRQ);
    cpu.localBhEnable();
    expect(ran).toEqual(['NET_TX', 'NET_RX', 'BLOCK', 'SCHED', 'RCU']);
  });

  test('one raised by a handler runs in the next round, whatever its number', () => {
    const { cpu } = clockedCpus();
    const ran: string[] = [];
    openSoftirq(cpu, BLOCK_SOFTIRQ, (self) => {
      ran.push('BLOCK');
      raiseSoftirq(self, NET_TX_SOFTIRQ);
    });
    openSoftirq(cpu, NET_TX_SOFTIRQ, () => ran.push('NET_TX'));
    openSoftirq(cpu, RCU_SOFTIRQ, () => ran.push('RCU'));
    cpu.localBhDisable();
    raiseSoftirq(cpu, BLOCK_SOFTIRQ);
    raiseSoftirq(cpu, RCU_SOFTIRQ);
    cpu.localBhEnable();
    expect(ran).toEqual(['BLOCK', 'RCU', 'NET_TX']);
  });

  test('never nested: a handler that enables bottom halves runs none', () => {
    const { cpu } = clockedCpus();
    let depth = 0;
    let deepest = 0;
    openSoftirq(cpu, BLOCK_SOFTIRQ, (self) => {
      deepest = Math.max(deepest, ++depth);
      self.localBhDisable();
      raiseSoftirq(self, NET_RX_SOFTIRQ);
      self.localBhEnable();
      depth--;
    });
    openSoftirq(cpu, NET_RX_SOFTIRQ, () => (deepest = Math.max(deepest, ++depth) && depth--));
    raiseSoftirq(cpu, BLOCK_SOFTIRQ);
    cpu.takeInterrupts();
    expect([deepest, depth]).toEqual([1, 0]);
  });
});

describe('one that raises itself for ever', () => {
  function endless(): { cpu: Cpu; runs: () => number } {
    const { cpu } = clockedCpus();
    let count = 0;
    openSoftirq(cpu, NET_RX_SOFTIRQ, (self) => {
      count++;
      raiseSoftirq(self, NET_RX_SOFTIRQ);
    });
    return { cpu, runs: () => count };
  }

  test('runs MAX_SOFTIRQ_RESTART rounds, then the rest stays pending', () => {
    const { cpu, runs } = endless();
    cpu.localBhDisable();
    raiseSoftirq(cpu, NET_RX_SOFTIRQ);
    cpu.localBhEnable();
    expect(runs()).toBe(MAX_SOFTIRQ_RESTART);
    expect(localSoftirqPending(cpu)).toBe(1 << NET_RX_SOFTIRQ);
  });

  test('does not keep tasks from running, and the CPU does not sleep over it', () => {
    const { cpu, runs } = endless();
    const seen: number[] = [];
    cpu.scheduler.start(
      'task',
      (function* () {
        for (let turn = 0; turn < 3; turn++) {
          seen.push(runs());
          yield;
        }
      })(),
    );
    raiseSoftirq(cpu, NET_RX_SOFTIRQ);
    for (let turn = 0; turn < 5; turn++) {
      cpu.takeInterrupts();
      if (!cpu.scheduler.runNext()) cpu.idle(() => false);
    }
    expect(seen).toHaveLength(3);
    expect(seen[2]! - seen[1]!).toBeGreaterThanOrEqual(MAX_SOFTIRQ_RESTART);
  });
});

describe('bad handlers', () => {
  test('a preempt count that changed: a line as in Linux, and it is put right', () => {
    const { cpu } = clockedCpus();
    openSoftirq(cpu, BLOCK_SOFTIRQ, (self) => self.preemptDisable());
    raiseSoftirq(cpu, BLOCK_SOFTIRQ);
    cpu.takeInterrupts();
    expect(cpu.preemptCount()).toBe(0);
    expect(dmesgTexts(cpu).join('\n')).toContain(
      'huh, entered softirq 4 BLOCK with preempt_count 0x00000100, exited with 0x00000101?',
    );
  });

  test('twin: a handler that leaves the count alone leaves no line', () => {
    const { cpu } = recording();
    raiseSoftirq(cpu, BLOCK_SOFTIRQ);
    cpu.takeInterrupts();
    expect(dmesgTexts(cpu).join('\n')).not.toContain('huh');
  });

  test('interrupts left off: a warning, and they are on again', () => {
    const { cpu } = clockedCpus();
    openSoftirq(cpu, BLOCK_SOFTIRQ, (self) => self.localIrqDisable());
    raiseSoftirq(cpu, BLOCK_SOFTIRQ);
    cpu.takeInterrupts();
    expect(cpu.irqsDisabled()).toBe(false);
    expect(dmesgTexts(cpu).join('\n')).toContain('softirq BLOCK returned with interrupts off');
  });

  test('raised, but never opened: a warning, and the others run', () => {
    const { cpu } = clockedCpus();
    let ran = 0;
    openSoftirq(cpu, RCU_SOFTIRQ, () => ran++);
    cpu.localBhDisable();
    raiseSoftirq(cpu, BLOCK_SOFTIRQ);
    raiseSoftirq(cpu, RCU_SOFTIRQ);
    cpu.localBhEnable();
    expect(ran).toBe(1);
    expect(dmesgTexts(cpu).join('\n')).toContain(
      'softirq BLOCK was raised, but nobody has opened it',
    );
  });

  test.each([-1, 10, 1.5, Number.NaN])('number %s is refused', (nr) => {
    const { cpu } = clockedCpus();
    expect(() => raiseSoftirq(cpu, nr)).toThrow(/accepted are 0 to 9/);
    expect(() => openSoftirq(clockedCpus().cpu, nr, () => undefined)).toThrow(
      /accepted are 0 to 9/,
    );
  });

  test('opened twice with different handlers is a BUG, by address and by function', () => {
    const { cpu } = clockedCpus();
    const one = cpu.text.define('one', () => undefined);
    const two = cpu.text.define('two', () => undefined);
    openSoftirq(cpu, BLOCK_SOFTIRQ, one);
    openSoftirq(cpu, BLOCK_SOFTIRQ, one);
    expect(() => openSoftirq(cpu, BLOCK_SOFTIRQ, two)).toThrow(/softirq BLOCK is open already/);
    const other = clockedCpus().cpu;
    expect(() => openSoftirq(other, HI_SOFTIRQ, () => undefined)).toThrow(/HI is open already/);
  });
});

test('a handler in kernel text runs on every CPU, with the CPU it runs on', () => {
  const { cpus } = clockedCpus({ cpus: 2 });
  const ran: number[] = [];
  for (const cpu of cpus) {
    const action = cpu.text.define('net_rx_action', (self) => ran.push(self.id));
    if (cpu.id === 0) openSoftirq(cpu, NET_RX_SOFTIRQ, action);
  }
  for (const cpu of cpus) {
    raiseSoftirq(cpu, NET_RX_SOFTIRQ);
    cpu.takeInterrupts();
  }
  expect(ran).toEqual([0, 1]);
});

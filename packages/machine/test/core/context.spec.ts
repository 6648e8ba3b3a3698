/** The packed preempt count and the interrupt flag, on one CPU stepped by hand. */
import { describe, expect, test } from 'vitest';
import {
  describePreemptCount,
  irqEnter,
  irqExit,
  KernelOops,
  KernelPanic,
} from '../../src/index.ts';
import type { Cpu } from '../../src/index.ts';
import { cpusInOneThread } from '../support/cpus-in-one-thread.ts';

const alone = (): Cpu => cpusInOneThread(1, { panic_on_oops: false })[0]!;

const steps = {
  preemptOff: (cpu: Cpu) => cpu.preemptDisable(),
  preemptOn: (cpu: Cpu) => cpu.preemptEnable(),
  bhOff: (cpu: Cpu) => cpu.localBhDisable(),
  bhOn: (cpu: Cpu) => cpu.localBhEnable(),
  irqsOff: (cpu: Cpu) => cpu.localIrqDisable(),
  irqsOn: (cpu: Cpu) => cpu.localIrqEnable(),
  hardirq: (cpu: Cpu) => void irqEnter(cpu, 'hardirq'),
  endHardirq: (cpu: Cpu) => irqExit(cpu, 'hardirq', 0),
  nmi: (cpu: Cpu) => void irqEnter(cpu, 'nmi'),
} satisfies Record<string, (cpu: Cpu) => void>;

type Step = keyof typeof steps;

const take = (cpu: Cpu, names: readonly Step[]): void => {
  for (const name of names) steps[name](cpu);
};

test.each<[Step[], number, string]>([
  // steps                           preempt_count  in words
  [[], 0, 'task'],
  [['preemptOff'], 0x1, 'preempt 1'],
  [['preemptOff', 'preemptOff', 'preemptOn'], 0x1, 'preempt 1'],
  [['bhOff', 'bhOff'], 0x400, 'bh off 2'],
  [['preemptOff', 'bhOff', 'bhOn'], 0x1, 'preempt 1'],
  [['hardirq'], 0x1_0000, 'hardirq'],
  [['preemptOff', 'hardirq', 'nmi'], 0x11_0001, 'nmi, hardirq, preempt 1'],
  [['hardirq', 'endHardirq'], 0, 'task'],
])('%j leaves %d: %s', (names, count, words) => {
  const cpu = alone();
  take(cpu, names);
  expect(cpu.preemptCount()).toBe(count);
  expect(describePreemptCount(count)).toBe(words);
});

test.each<
  [
    Step[],
    Partial<
      Record<'inTask' | 'inSoftirq' | 'inHardirq' | 'inNmi' | 'inInterrupt' | 'inAtomic', boolean>
    >,
  ]
>([
  // steps          where that is, as the kernel's own functions answer
  [[], { inTask: true, inInterrupt: false, inAtomic: false }],
  [['preemptOff'], { inTask: true, inInterrupt: false, inAtomic: true }],
  [['irqsOff'], { inTask: true, inInterrupt: false, inAtomic: true }],
  [['bhOff'], { inTask: true, inSoftirq: true, inInterrupt: true, inAtomic: true }],
  [['hardirq'], { inTask: false, inHardirq: true, inNmi: false, inInterrupt: true }],
  [['nmi'], { inTask: false, inHardirq: false, inNmi: true, inInterrupt: true }],
])('after %j: %j', (names, answers) => {
  const cpu = alone();
  take(cpu, names);
  for (const [name, answer] of Object.entries(answers)) {
    expect([name, cpu[name as keyof typeof answers]()]).toEqual([name, answer]);
  }
});

const repeat = (step: Step, times: number): Step[] => Array<Step>(times).fill(step);

test.each<[string, Step[], RegExp]>([
  // case                      steps                        BUG
  ['enable without disable', ['preemptOn'], /underflow: preemptEnable without preemptDisable/],
  [
    'bh enable without disable',
    ['preemptOff', 'bhOn'],
    /underflow: localBhEnable without localBhDisable/,
  ],
  ['256 levels', repeat('preemptOff', 256), /overflow: 256 nested preemptDisable/],
  ['128 levels of bh', repeat('bhOff', 128), /overflow: 128 nested localBhDisable/],
  ['16 hard interrupts', repeat('hardirq', 16), /overflow: 16 nested hard interrupts/],
  [
    'interrupts on in a handler',
    ['hardirq', 'irqsOn'],
    /interrupts enabled inside a hard interrupt/,
  ],
])('BUG: %s', (_case, names, sentence) => {
  const cpu = alone();
  const oops = catching(() => take(cpu, names));
  // In an interrupt there is no task to end: the oops is the machine's end.
  const fatal = oops instanceof KernelPanic;
  expect(fatal).toBe(cpu.inInterrupt());
  expect((fatal ? oops.cause : oops)?.toString()).toMatch(sentence);
  expect(fatal ? oops.cause : oops).toBeInstanceOf(KernelOops);
});

describe('flags', () => {
  test('save and restore nest', () => {
    const cpu = alone();
    const outer = cpu.localIrqSave();
    const inner = cpu.localIrqSave();
    expect([outer, inner, cpu.irqsDisabled()]).toEqual([0, 1, true]);
    cpu.localIrqRestore(inner);
    expect(cpu.irqsDisabled()).toBe(true);
    cpu.localIrqRestore(outer);
    expect(cpu.irqsDisabled()).toBe(false);
  });

  test('255 levels of preemption and 127 of bottom halves are fine', () => {
    const cpu = alone();
    take(cpu, repeat('preemptOff', 255));
    take(cpu, repeat('bhOff', 127));
    expect(cpu.preemptCount()).toBe(0xfeff);
  });
});

function catching(body: () => void): Error | undefined {
  try {
    body();
  } catch (error) {
    return error as Error;
  }
  return undefined;
}

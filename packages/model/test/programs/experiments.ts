/** Experiments made to be found out about. */
import { experiment, LINE } from '@percpu/experiment';
import type { Experiment } from '@percpu/experiment';
import type { Cpu } from '@percpu/machine';

const cpus = { model: [2, 4] };

/** Every CPU increments a word of its own; on one line, or on lines of their own. */
const neighbours: Experiment = experiment({
  name: 'neighbours',
  title: 'False sharing',
  description: 'Words of different CPUs on one line, and apart.',
  variants: { together: { stride: 4 }, apart: { stride: LINE } },
  cpus,
  setup: (_cpu: Cpu, { alloc }) => alloc(8 * LINE),
  body: (cpu: Cpu, at, { index, variant }) => {
    cpu.memory.fetchAdd(at + index * variant.stride, 1);
  },
});

const misbehaves: Experiment = experiment({
  name: 'misbehaves',
  title: 'What must not end well',
  description: 'One variant for each way to go wrong.',
  variants: {
    'waits-for-ever': (cpu: Cpu, at: number): void => {
      cpu.waitWhileEquals(at, 0);
    },
    'looks-for-ever': (cpu: Cpu) => {
      for (;;) cpu.now();
    },
    throws: (cpu: Cpu) => {
      if (cpu.id === 1) throw new RangeError('the shelf is empty');
      cpu.delay(10);
    },
    'counts-wrong': (cpu: Cpu, at: number) => {
      cpu.memory.store(at + 4, cpu.memory.load(at + 4) + 1);
    },
  },
  cpus,
  setup: (_cpu: Cpu, { alloc }) => alloc(LINE),
  body: (cpu: Cpu, at, { variant }) => variant(cpu, at),
  verify: (cpu: Cpu, at, { performed, variantName }) => {
    const counted = cpu.memory.load(at + 4);
    if (variantName === 'counts-wrong' && counted !== performed)
      throw new Error(`${performed} increments left ${counted}`);
  },
});

export const experiments: readonly Experiment[] = [neighbours, misbehaves];

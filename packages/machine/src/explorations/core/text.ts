/** Kernel text: one address a name, and what a call meets while its module goes away. And the texts of warnOnce. */
import { exploration } from '@percpu/experiment';
import type { Exploration, Program, World } from '@percpu/experiment';
import type { Ptr } from '@percpu/memory';
import type { Cpu } from '../../cpu.ts';
import { readDmesg } from '../../dmesg.ts';
import { warnOnce } from '../../fault.ts';
import { KernelOops } from '../../fault-errors.ts';
import { onceTableFirst } from '../../once-table.ts';
import { expect, SPINNING } from './support.ts';

function seven(): number {
  return 7;
}

const textDefine: Exploration = exploration<undefined, Cpu>({
  name: 'text-define',
  title: 'Two CPUs that define a function at once give it one address',
  description:
    'Both then call it through that address. What the symbol table says of a slot is plain, and complete before its bucket shows it.',
  on: 'cpu',
  cpus: 2,
  parameters: SPINNING,
  program(p: Program<Cpu>) {
    const at = p.cpu.text.define('seven', seven);
    p.see(`seven${p.id}`, at);
    expect(p.cpu.text.call(at) === 7, 'another function lives there');
  },
  after(w: World<Cpu>) {
    expect(w.seen.seven0 === w.seen.seven1, 'two addresses');
  },
});

const textTwoNames: Exploration = exploration<undefined, Cpu>({
  name: 'text-two-names',
  title: 'Two functions that are defined at once get an address each',
  description:
    'Each CPU defines a function of its own, and looks for that of the other, which it finds whole or not at all.',
  on: 'cpu',
  parameters: SPINNING,
  programs: [
    (p: Program<Cpu>) => {
      p.see('a', p.cpu.text.define('a', seven));
      p.see('b0', p.cpu.text.lookup('b'));
    },
    (p: Program<Cpu>) => {
      p.see('b', p.cpu.text.define('b', seven));
      p.see('a1', p.cpu.text.lookup('a'));
    },
  ],
  after({ seen: { a, a1, b, b0 } }: World<Cpu>) {
    expect(a !== b, 'one address for two functions');
    expect((a1 === 0 || a1 === a) && (b0 === 0 || b0 === b), 'a lookup found something else');
  },
});

interface Module {
  readonly fn: Ptr;
}

const textUnmap: Exploration = exploration<Module, Cpu>({
  name: 'text-unmap',
  title: 'A call into a module that is being unmapped is made, or is an oops',
  description:
    'CPU 0 unmaps while CPU 1 calls, and calls again when it knows that the module is gone.',
  on: 'cpu',
  parameters: { 'spin.budget': 1000, panic_on_oops: false },
  setup(w: World<Cpu>) {
    w.cpus[0]!.text.mapModule('m', 1);
    let fn = 0;
    for (const cpu of w.cpus) fn = cpu.text.define('seven', seven, 'm');
    return { fn };
  },
  programs: [
    (p: Program<Cpu>) => p.cpu.text.unmapModule('m'),
    (p: Program<Cpu>, { fn }) => {
      try {
        p.see('call', p.cpu.text.call(fn) === 7);
      } catch (error) {
        if (!(error instanceof KernelOops)) throw error;
        p.see('call', 'oops');
      }
    },
  ],
  allowed: [{ call: true }, { call: 'oops' }],
});

const onceTable: Exploration = exploration<undefined, Cpu>({
  name: 'once-table',
  title: 'Of three CPUs that warn with one text, one prints it',
  description:
    'The compare-exchange that turns an empty slot of the table into the hash of the text is all there is.',
  on: 'cpu',
  cpus: 3,
  program(p: Program<Cpu>) {
    const { memory, machine } = p.cpu;
    p.see(`first${p.id}`, onceTableFirst(memory, machine.onceTable, 'text'));
  },
  allowed: [
    { first0: true, first1: false, first2: false },
    { first0: false, first1: true, first2: false },
    { first0: false, first1: false, first2: true },
  ],
});

const warnsOnce: Exploration = exploration<undefined, Cpu>({
  name: 'warn-once',
  title: 'Two CPUs that warn with one text print one report',
  description: 'The whole way to the log, with its dozens of lines. With at most one preemption.',
  on: 'cpu',
  cpus: 2,
  parameters: { 'dmesg.lines': 64 },
  limits: { preemptions: 1 },
  program: (p: Program<Cpu>) => void warnOnce(p.cpu, true, 'once'),
  after(w: World<Cpu>) {
    const { lines } = readDmesg(w.memory, w.cpus[0]!.machine.dmesg);
    expect(lines.filter((line) => line.text === 'once').length === 1, 'not one report');
  },
});

export const text: readonly Exploration[] = [
  textDefine,
  textTwoNames,
  textUnmap,
  onceTable,
  warnsOnce,
];

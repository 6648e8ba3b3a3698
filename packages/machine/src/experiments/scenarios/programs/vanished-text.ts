/** What the two CPUs of the scenario `vanished-text` run: CPU 0 owns the module, CPU 1 calls into it. */
import { memblockAlloc } from '@percpu/memory';
import type { Ptr } from '@percpu/memory';
import type { Cpu } from '../../../cpu.ts';
import type { Subsystem } from '../../../subsystem.ts';

/** The steps of the story, in one word that only goes up. */
const Step = { loaded: 1, armed: 2, unloaded: 3, called: 4 } as const;
const STEP = 0;
const CALLBACK = 4;
const CALLS = 8;

const story: Subsystem<Ptr> = {
  name: 'vanished-text',
  create: (cpu) => memblockAlloc(cpu.memory, 12, 4),
  attach: (_cpu, at) => at,
};

function say(cpu: Cpu, at: Ptr, step: number): void {
  cpu.memory.store(at + STEP, step);
  cpu.unpark(at + STEP);
}

function waitFor(cpu: Cpu, at: Ptr, step: number): void {
  let now = cpu.memory.load(at + STEP);
  while (now < step) now = cpu.waitWhileEquals(at + STEP, now);
}

/** Returns how often the callback ran on this CPU. */
export function main(cpu: Cpu, { waits }: { readonly waits: boolean }): number {
  const at = cpu.use(story);
  const { memory, text } = cpu;
  const pump = (): void => {
    memory.fetchAdd(at + CALLS, 1);
  };
  if (cpu.id === 0) {
    text.mapModule('pump');
    memory.store(at + CALLBACK, text.define('pump_work', pump, 'pump'));
    say(cpu, at, Step.loaded);
    waitFor(cpu, at, waits ? Step.called : Step.armed);
    text.unmapModule('pump');
    if (!waits) say(cpu, at, Step.unloaded);
    return 0;
  }
  waitFor(cpu, at, Step.loaded);
  text.define('pump_work', pump, 'pump');
  say(cpu, at, Step.armed);
  // The race, made certain: in the hasty story the call comes after the unmapping.
  if (!waits) waitFor(cpu, at, Step.unloaded);
  text.call(memory.load(at + CALLBACK));
  say(cpu, at, Step.called);
  return memory.load(at + CALLS);
}

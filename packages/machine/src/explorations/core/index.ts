import type { Exploration } from '@percpu/experiment';
import { bustedCalls } from './busted/calls.ts';
import { bustedInterrupts } from './busted/interrupts.ts';
import { bustedNmi } from './busted/nmi.ts';
import { bustedRest } from './busted/rest.ts';
import { calls } from './calls.ts';
import { dmesg } from './dmesg.ts';
import { irq } from './irq.ts';
import { locks } from './locks.ts';
import { nested } from './nested.ts';
import { nmi } from './nmi.ts';
import { sleep } from './sleep.ts';
import { text } from './text.ts';

/** What all CPUs have: calls, sleep, interrupts, the locks of the machine, kernel text, the log. */
export const core: readonly Exploration[] = [
  ...calls,
  ...sleep,
  ...locks,
  ...dmesg,
  ...text,
  ...irq,
  ...nested,
  ...nmi,
  ...bustedCalls,
  ...bustedNmi,
  ...bustedRest,
  ...bustedInterrupts,
];

/** Are the instruments alive? A race that is known to be there must be found before anything else is believed. */
import type { Exploration } from '@percpu/experiment';
import { Runner } from '../engine/runner.ts';
import { watchFor } from '../findings/index.ts';
import { litmus } from '../litmus/litmus-test.ts';
import { FixedSchedule } from '../replay/fixed-schedule.ts';

/** Message passing with plain accesses: nothing orders them. */
const PLANTED: Exploration = litmus(
  {
    called: 'planted',
    description: 'A race that must be found.',
    cpus: ['x = 1; y = 1', 'r0 = y; r1 = x'],
    sees: 'r0 r1',
    allowed: '00 01 11',
    forbidden: '10',
  },
  'plain',
);

/** @throws Error when the planted race is not found: no verdict can be trusted then. */
export function requireLiveInstruments(): void {
  const { finding } = new Runner(PLANTED, watchFor(PLANTED).observers).run(new FixedSchedule([]));
  if (finding?.kind === 'race') return;
  throw new Error(
    `explore: a planted race was not found, but ${finding?.message ?? 'nothing'}: the explorer is broken, or parts of it are loaded twice`,
  );
}

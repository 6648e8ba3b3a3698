/**
 * A CPU that spins without looking at its mailbox deadlocks any IPI broadcast: the caller waits for an
 * acknowledgement from a CPU that waits for the caller. On hardware the interrupt would break the loop; a
 * thread cannot be interrupted, so here the loop itself must look, which is what `cpu.relax()` is for.
 */
import { scenario } from '@percpu/experiment';
import type { Scenario } from '@percpu/experiment';
import { Machine, MachineCrash, sibling } from '../../boot/index.ts';

const program = sibling(import.meta.url, './programs/deaf-spinner');

/** Milliseconds without a sign of life until the watchdog speaks: short, since the story waits for it. */
const THRESH_MS = 500;

async function broadcast(listens: boolean): Promise<MachineCrash | undefined> {
  const machine = await Machine.boot({
    cpus: 2,
    parameters: { 'watchdog.thresh': THRESH_MS },
  });
  try {
    await machine.run({ module: program, args: { listens } });
    return undefined;
  } catch (error) {
    if (error instanceof MachineCrash) return error;
    throw error;
  } finally {
    await machine.shutdown();
  }
}

export const deafSpinner: Scenario = scenario({
  name: 'deaf-spinner',
  title: 'A spin loop that does not look for interrupts',
  description:
    'CPU 1 spins on a flag that CPU 0 sets after an IPI broadcast. With cpu.relax() in the loop the broadcast completes; ' +
    'without it both wait for ever, and the watchdog must say that CPU 1 is stuck.',
  cpus: 2,
  async run(host) {
    host.log('CPU 1 spins with cpu.relax()');
    const listening = await broadcast(true);
    host.log(listening === undefined ? 'the broadcast completed' : listening.reason);
    host.log('CPU 1 spins without it');
    const deaf = await broadcast(false);
    host.log(deaf === undefined ? 'the broadcast completed' : deaf.reason);
    for (const line of deaf?.report.split('\n') ?? []) host.log(line);
    const namesCpu1 = deaf?.reason.includes('soft lockup - CPU#1 stuck') === true;
    return {
      verdict: listening === undefined && namesCpu1 ? 'pass' : 'fail',
      facts: {
        withRelax: listening === undefined ? 'completed' : listening.reason,
        withoutRelax: deaf === undefined ? 'completed' : deaf.reason.replace(/ for .*/, ''),
        watchdogThreshMs: THRESH_MS,
      },
    };
  },
});

/** The wrong locks and mutexes of the validators' tests: the explorer finds them too, in a handful of schedules. */
import type { Program, World } from '@percpu/experiment';
import { explore } from '@percpu/explore/vitest';
import type { Cpu, Sleeps } from '@percpu/machine';
import { lockAndData, increment } from '../../src/explorations/guarded.ts';
import { mutualExclusion, trylock } from '../../src/explorations/spin/spin-locks.ts';
import { PURE_SPINNING } from '../../src/explorations/waiting.ts';
import { Mutex, mutexInit } from '../../src/index.ts';
import { sleepingState } from '../../src/explorations/sleeping/sleeping.ts';
import { lockNamed } from '../support/busted.ts';
import { mutexNamed } from '../support/mutexes.ts';

const BUDGET = { schedules: 200, strategy: ['exhaustive', 'pct'] } as const;
const race = { kind: 'race', message: /guarded/ } as const;

// Two of them are not here: one that loses patience after so many turns (the explorer counts no turns of a loop in which nothing
// changes), and one that is only unfair.
for (const [name, wrong] of [
  ['tas-not-atomic', 'Looks, then takes.'],
  ['ticket-serves-two', 'Lets two numbers in at a time.'],
  ['mcs-does-not-wait', 'Does not wait for whoever was there.'],
] as const) {
  const busted = { wrong, mustFind: race };
  explore(mutualExclusion(lockNamed(name), { cpus: 2, waiting: PURE_SPINNING, busted }), BUDGET);
}

explore(
  trylock(lockNamed('ttas-leaks-preemption'), {
    wrong: 'A trylock that fails leaves preemption off.',
    mustFind: { kind: 'leak', message: /preemption off/ },
  }),
  BUDGET,
);

const forgetful = lockNamed('ticket-forgets-interrupts');
explore('busted twin: an unlock that leaves interrupts off', {
  setup: (world: World<Cpu>) => lockAndData(world, forgetful),
  programs: [
    ({ cpu }: Program<Cpu>, { lock, data }): void => {
      const flags = forgetful.lockIrqsave(cpu, lock);
      increment(cpu, data);
      forgetful.unlockIrqrestore(cpu, lock, flags);
    },
  ],
  mustFind: { kind: 'leak', message: /interrupts off/ },
  ...BUDGET,
});

const impatient = mutexNamed('mutex-takes-after-sleep');
explore('busted twin: a mutex that is taken after any sleep', {
  on: 'machine',
  cpus: 2,
  setup: (world: World<Cpu>) => sleepingState(world, Mutex, mutexInit),
  *program({ cpu }: Program<Cpu>, { at, data }): Sleeps<void> {
    yield* impatient.lock(cpu, at);
    increment(cpu, data);
    impatient.unlock(cpu, at);
  },
  mustFind: race,
  ...BUDGET,
});

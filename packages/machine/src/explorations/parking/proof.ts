/**
 * The proof of parking.ts, step by step: the protocol in its own few words, with each step left out or misplaced
 * in a twin. What all steps together promise is that no wake-up is lost; a twin that keeps the promise would be a
 * step that the proof does not need.
 */
import { exploration } from '@percpu/experiment';
import type { Exploration, ExplorationMemory, MustFind, Program, World } from '@percpu/experiment';
import { layout } from '@percpu/memory';
import type { Layout, Ptr } from '@percpu/memory';

const fields = {
  /** The word that is waited for: 0, then 1. */
  word: 'u32',
  // ── of the waiter's CPU ────────────────────────────────────────────────────────────────────
  kick: 'u32',
  sleeping: 'u32',
  parkedAt: 'u32',
  // ── of the bucket ──────────────────────────────────────────────────────────────────────────
  mask: 'u32',
  count: 'u32',
} as const;

const Lot: Layout<typeof fields> = layout(fields, { name: 'Lot' });

type Memory = ExplorationMemory;
type Step = (memory: Memory, lot: Ptr) => void;

/** The steps of the waiter before it looks and sleeps, and those of the releaser, in the order of the proof. */
const P1: Step = (memory, lot) => memory.store(lot + Lot.parkedAt, lot + Lot.word);
const P2: Step = (memory, lot) => void memory.fetchOr(lot + Lot.mask, 1);
const P3: Step = (memory, lot) => void memory.fetchAdd(lot + Lot.count, 1);
const S2: Step = (memory, lot) => memory.store(lot + Lot.sleeping, 1);
const U1: Step = (memory, lot) => memory.store(lot + Lot.word, 1);
const K2: Step = (memory, lot) => void memory.fetchAdd(lot + Lot.kick, 1);
const K3: Step = (memory, lot) => {
  if (memory.load(lot + Lot.sleeping) !== 0) memory.notify(lot + Lot.kick);
};

interface Protocol {
  readonly announce: readonly Step[];
  /** P4 and S3: looks at the word once more, having announced itself. */
  readonly looks: boolean;
  /** S1: reads the number of kicks before it announces itself. Otherwise just before it sleeps. */
  readonly readsKicksFirst: boolean;
  /** Misplaced: after the look. */
  readonly late: readonly Step[];
  /** U1 in its place, before U2. Otherwise after all else. */
  readonly storesFirst: boolean;
  /** U2: asks whether anybody is there, and who. */
  readonly asks: boolean;
  readonly kicks: readonly Step[];
}

const RIGHT: Protocol = {
  announce: [P1, P2, P3, S2],
  looks: true,
  readsKicksFirst: true,
  late: [],
  storesFirst: true,
  asks: true,
  kicks: [K2, K3],
};

function waiter({ announce, looks, readsKicksFirst, late }: Protocol) {
  return ({ memory }: Program<undefined, Memory>, lot: Ptr): void => {
    while (memory.load(lot + Lot.word) === 0) {
      let seq = memory.load(lot + Lot.kick); // S1
      for (const step of announce) step(memory, lot);
      const asleep = !looks || memory.load(lot + Lot.word) === 0; // P4, S3
      for (const step of late) step(memory, lot);
      if (!readsKicksFirst) seq = memory.load(lot + Lot.kick);
      if (asleep) memory.wait(lot + Lot.kick, seq); // S4
      memory.store(lot + Lot.sleeping, 0);
      memory.fetchAdd(lot + Lot.count, -1);
      memory.fetchAnd(lot + Lot.mask, ~1 >>> 0);
      memory.store(lot + Lot.parkedAt, 0);
    }
  };
}

function releaser({ storesFirst, asks, kicks }: Protocol) {
  return ({ memory }: Program<undefined, Memory>, lot: Ptr): void => {
    if (storesFirst) U1(memory, lot);
    if (asks && isParked(memory, lot)) for (const step of kicks) step(memory, lot); // U3
    if (!storesFirst) U1(memory, lot);
  };
}

/** U2, and the look at whom to kick. */
function isParked(memory: Memory, lot: Ptr): boolean {
  return (
    memory.load(lot + Lot.count) !== 0 &&
    memory.load(lot + Lot.mask) !== 0 &&
    memory.load(lot + Lot.parkedAt) === lot + Lot.word
  );
}

function protocol(
  name: string,
  title: string,
  description: string,
  changed: Partial<Protocol>,
  mustFind?: MustFind,
): Exploration {
  const steps = { ...RIGHT, ...changed };
  return exploration<Ptr, undefined, Memory>({
    name,
    title,
    description,
    on: 'memory',
    setup({ alloc, memory }: World<undefined, Memory>) {
      const lot = alloc(Lot.size);
      memory.describe(lot, Lot, 'lot');
      return lot;
    },
    programs: [waiter(steps), releaser(steps)],
    ...(mustFind === undefined ? {} : { mustFind }),
  });
}

const LOST = { kind: 'lost-wakeup' } as const;
const ASLEEP = { kind: 'deadlock' } as const;

/** `without` a step, or with it in another place. */
function twin(step: string, wrong: string, changed: Partial<Protocol>, mustFind: MustFind) {
  return protocol(
    `parking-proof-${step}`,
    `busted twin: parking, ${wrong}`,
    wrong,
    changed,
    mustFind,
  );
}

export const parkingProof: readonly Exploration[] = [
  protocol(
    'parking-proof',
    'parking: the protocol of the proof loses no wake-up',
    'S1 to S4, P1 to P4, U1 to U3, K1 to K3 of parking.ts, in order.',
    {},
  ),
  protocol(
    'parking-proof-s2-late',
    'parking: S2 need not come before S3, only before S4',
    'The proof uses S2 where the waiter sleeps when the kick comes: then S4, and all before it, came before K3.',
    { announce: [P1, P2, P3], late: [S2] },
  ),
  twin('s1-late', 'S1: kicks read after the look', { readsKicksFirst: false }, ASLEEP),
  twin('without-s2', 'without S2: not marked as sleeping', { announce: [P1, P2, P3] }, LOST),
  twin('without-p1', 'without P1: parked on no address', { announce: [P2, P3, S2] }, ASLEEP),
  twin('p1-late', 'P1: address published after P4', { announce: [P2, P3, S2], late: [P1] }, ASLEEP),
  twin('without-p2', 'without P2: no bit in the bucket', { announce: [P1, P3, S2] }, ASLEEP),
  twin('p2-late', 'P2: bit set after P4', { announce: [P1, P3, S2], late: [P2] }, ASLEEP),
  twin('without-p3', 'without P3: not counted', { announce: [P1, P2, S2] }, ASLEEP),
  twin('p3-late', 'P3: counted after P4', { announce: [P1, P2, S2], late: [P3] }, ASLEEP),
  twin('without-p4', 'without P4 and S3: no look before sleeping', { looks: false }, ASLEEP),
  twin('u1-late', 'U1: stored after the wake-up', { storesFirst: false }, ASLEEP),
  twin('without-u2', 'without U2 and U3: nobody asked for', { asks: false }, ASLEEP),
  twin('without-k2', 'without K2: notified, but no kick counted', { kicks: [K3] }, ASLEEP),
  twin('without-k3', 'without K3: a kick counted, but nobody notified', { kicks: [K2] }, LOST),
];

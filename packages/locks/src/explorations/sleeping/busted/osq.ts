/** Spin queues that lose somebody when one leaves. */
import { exploration } from '@percpu/experiment';
import type { Exploration, MustFind, Program, World } from '@percpu/experiment';
import type { Cpu } from '@percpu/machine';
import type { Ptr } from '@percpu/memory';
import { osqLock, OsqLock, osqNode, OsqNode } from '../../../sleeping/osq-lock.ts';
import type { Patience } from '../../../sleeping/osq-lock.ts';
import { PURE_SPINNING } from '../../waiting.ts';
import { enter, enterOrLeave, expectLeft, spinners } from '../mutex-spin.ts';
import type { Spinners } from '../mutex-spin.ts';

/** Joins the queue, and waits for the head of it as long as `gate` lets it: false, it would leave now. */
function joins(cpu: Cpu, osq: Ptr, gate: Patience): boolean {
  const { memory } = cpu;
  const me = cpu.use(osqNode);
  memory.store(me + OsqNode.locked, 0);
  memory.store(me + OsqNode.next, 0);
  const before = memory.exchange(osq + OsqLock.tail, me);
  if (before === 0) return true;
  memory.store(me + OsqNode.prev, before);
  memory.store(before + OsqNode.next, me);
  while (memory.load(me + OsqNode.locked) === 0) {
    if (!gate.mayGoOn()) return false;
    cpu.relax();
  }
  return true;
}

/** Unlinks itself without asking whether the one in front has granted meanwhile. */
function leavesGranted(cpu: Cpu, osq: Ptr, gate: Patience): boolean {
  if (joins(cpu, osq, gate)) return true;
  const { memory } = cpu;
  const me = cpu.use(osqNode);
  const prev = memory.load(me + OsqNode.prev);
  memory.compareExchange(prev + OsqNode.next, me, 0);
  memory.compareExchange(osq + OsqLock.tail, me, prev);
  return false;
}

/** Leaves from the middle, and links the two beside it in one direction only. */
function leavesLink(cpu: Cpu, osq: Ptr, gate: Patience): boolean {
  if (joins(cpu, osq, gate)) return true;
  const { memory } = cpu;
  const me = cpu.use(osqNode);
  for (;;) {
    const prev = memory.load(me + OsqNode.prev);
    if (memory.compareExchange(prev + OsqNode.next, me, 0) === me) {
      if (memory.compareExchange(osq + OsqLock.tail, me, prev) === me) return false;
      while (memory.load(me + OsqNode.next) === 0) cpu.relax();
      memory.store(memory.exchange(me + OsqNode.next, 0) + OsqNode.prev, prev);
      return false;
    }
    if (memory.load(me + OsqNode.locked) !== 0) return true;
    cpu.relax();
  }
}

/** Takes nobody behind it for the end of the queue. */
function forgetsLate(cpu: Cpu, osq: Ptr): void {
  const { memory } = cpu;
  const me = cpu.use(osqNode);
  const next = memory.load(me + OsqNode.next);
  if (next === 0) memory.store(osq + OsqLock.tail, 0);
  else memory.store(next + OsqNode.locked, 1);
}

function twin(
  name: string,
  wrong: string,
  programs: readonly ((p: Program<Cpu>, state: Spinners) => void)[],
  mustFind: MustFind,
): Exploration {
  return exploration<Spinners, Cpu>({
    name,
    title: `busted twin: ${name}`,
    description: wrong,
    on: 'cpu',
    parameters: PURE_SPINNING.parameters,
    limits: { preemptions: 3 },
    setup: spinners,
    programs,
    after: (world: World<Cpu>, state) => expectLeft(world, state, programs.length - 1),
    mustFind,
  });
}

export const bustedSpinners: readonly Exploration[] = [
  twin(
    'osq-leaves-granted',
    'One that leaves does not look whether it was granted the head: nobody has it, and nobody else gets it.',
    [enter(), enterOrLeave(leavesGranted)],
    { kind: 'assertion', message: /in the queue, but nobody is/ },
  ),
  twin(
    'osq-leaves-link',
    'One that leaves from the middle does not tell the one in front who comes next.',
    [enter(), enterOrLeave(leavesLink), enter()],
    { kind: 'livelock' },
  ),
  twin(
    'osq-unlock-forgets-late',
    'The unlock overwrites the tail when nobody has linked himself yet.',
    [enter(forgetsLate), enterOrLeave(osqLock)],
    { kind: 'livelock' },
  ),
];

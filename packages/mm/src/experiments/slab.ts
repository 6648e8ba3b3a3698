/** What do objects cost, and what becomes of it when they are freed elsewhere? */
import { experiment, LINE, pastHostCores, powersOfTwo } from '@percpu/experiment';
import type { Experiment, HeadlineFigure, Result } from '@percpu/experiment';
import { ttas, TtasLock } from '@percpu/locks';
import type { Cpu } from '@percpu/machine';
import type { Memory, Ptr } from '@percpu/memory';
import { GFP_ATOMIC } from '../gfp.ts';
import { kmemCacheAlloc } from '../slab/alloc.ts';
import { kmemCacheFree } from '../slab/free.ts';
import { kmemCacheCreate } from '../slab/kmem-cache.ts';
import { KmemCache } from '../slab/slab-layout.ts';
import { slabView } from '../slab/slab-view.ts';

/** `at`: VARIANT_BYTES that the variant uses as it likes, then a line for each CPU's slot, then room for objects. */
interface Variant {
  readonly setup: (cpu: Cpu, at: Ptr, cpus: number) => void;
  /** On each CPU, before the clock runs. */
  readonly prepare: (cpu: Cpu, at: Ptr) => void;
  readonly alloc: (cpu: Cpu, at: Ptr) => Ptr;
  readonly free: (cpu: Cpu, at: Ptr, object: Ptr) => void;
  /** Objects that there is room for, used or not. */
  readonly room: (memory: Memory, at: Ptr) => number;
}

const OBJECT = 64;
/** Where in an object its owner writes; the free pointer of the naive list is in front. */
const OWNER = 8;
const VARIANT_BYTES = 2 * LINE;
/** Objects of the naive list for each CPU: one in its hands, one in its slot, and some to spare. */
const NAIVE_OBJECTS = 8;
const BATCH = 64;

const slotOf = (at: Ptr, index: number): Ptr => at + VARIANT_BYTES + index * LINE;

const slab: Variant = {
  setup: (cpu, at) => cpu.memory.write(at, kmemCacheCreate(cpu, 'slab-experiment', OBJECT)),
  prepare(cpu, at) {
    slabView(cpu);
    // The first allocation of a CPU makes its slab: not what is measured.
    slab.free(cpu, at, slab.alloc(cpu, at));
  },
  alloc: (cpu, at) => kmemCacheAlloc(cpu, cpu.memory.read(at), GFP_ATOMIC),
  free: (cpu, at, object) => kmemCacheFree(cpu, cpu.memory.read(at), object),
  room(memory, at) {
    const cache = memory.read(at);
    return memory.read(cache + KmemCache.nrSlabs) * memory.read(cache + KmemCache.objects);
  },
};

/** The first free object behind the lock, on a line of its own. */
const HEAD = LINE;
if (TtasLock.size > LINE) throw new RangeError(`TtasLock: larger than ${LINE} bytes`);

const lockedList: Variant = {
  setup(cpu, at, cpus) {
    const { memory } = cpu;
    ttas.init(cpu, at);
    const objects = slotOf(at, cpus);
    for (let i = 0; i < cpus * NAIVE_OBJECTS; i++) {
      memory.write(objects + i * OBJECT, memory.read(at + HEAD));
      memory.write(at + HEAD, objects + i * OBJECT);
    }
  },
  prepare: () => undefined,
  alloc(cpu, at) {
    const { memory } = cpu;
    const irq = ttas.lockIrqsave(cpu, at);
    const object = memory.read(at + HEAD);
    if (object !== 0) memory.write(at + HEAD, memory.read(object));
    ttas.unlockIrqrestore(cpu, at, irq);
    return object;
  },
  free(cpu, at, object) {
    const { memory } = cpu;
    const irq = ttas.lockIrqsave(cpu, at);
    memory.write(object, memory.read(at + HEAD));
    memory.write(at + HEAD, object);
    ttas.unlockIrqrestore(cpu, at, irq);
  },
  room(memory, at) {
    let length = 0;
    for (let one = memory.read(at + HEAD); one !== 0; one = memory.read(one)) length++;
    return length;
  },
};

/** An object is its owner's from here on. */
function take(cpu: Cpu, object: Ptr): Ptr {
  if (object === 0) throw new Error('slab: out of objects');
  cpu.memory.write(object + OWNER, object);
  return object;
}

function give(cpu: Cpu, variant: Variant, at: Ptr, object: Ptr): void {
  const { memory } = cpu;
  if (memory.read(object + OWNER) !== object) throw new Error('slab: an object has two owners');
  memory.write(object + OWNER, 0);
  variant.free(cpu, at, object);
}

export const slabExperiment: Experiment = experiment({
  name: 'slab',
  title: 'Objects: per-CPU lists against one lock',
  description:
    'Every CPU allocates an object of 64 bytes and frees one: its own, or, with the knob remote, one that its neighbour ' +
    'allocated. Expect the slab caches not to notice other CPUs when frees are local, and to pay some line transfers an ' +
    'object when they are not; and one list under one lock to fall as soon as there are two CPUs.',
  unit: 'objects',
  variants: { slab, 'locked-list': lockedList } satisfies Record<string, Variant>,
  cpus: { parallel: pastHostCores, model: powersOfTwo(1, 256) },
  knobs: { remote: [false, true] },
  arenaBytes: (cpus) => VARIANT_BYTES + cpus * (LINE + NAIVE_OBJECTS * OBJECT) + LINE,
  report: ['perSecond', 'nsPerOp', 'fairness'],

  setup: (cpu: Cpu, { variant, cpus, alloc }) => {
    const at = alloc(VARIANT_BYTES + cpus * (LINE + NAIVE_OBJECTS * OBJECT));
    variant.setup(cpu, at, cpus);
    return at;
  },
  prepare: (cpu: Cpu, at, { variant }) => variant.prepare(cpu, at),
  body: (cpu: Cpu, at, { variant, remote, cpus, index, batch }) => {
    const { memory } = cpu;
    const objects = batch(BATCH);
    const mine = slotOf(at, index);
    const next = slotOf(at, (index + 1) % cpus);
    for (let i = 0; i < objects; i++) {
      const object = take(cpu, variant.alloc(cpu, at));
      if (!remote) {
        give(cpu, variant, at, object);
        continue;
      }
      // The neighbour frees it, unless it has not fetched the one before yet: then that one is ours again.
      const back = memory.exchange(next, object);
      if (back !== 0) give(cpu, variant, at, back);
      const received = memory.exchange(mine, 0);
      if (received !== 0) give(cpu, variant, at, received);
    }
    return objects;
  },
  verify: (cpu: Cpu, at, { variant, variantName, cpus }) => {
    const room = variant.room(cpu.memory, at);
    // Each CPU has a slab or two; the partial list keeps some.
    const most = variantName === 'slab' ? 64 * (3 * cpus + 16) : cpus * NAIVE_OBJECTS;
    if (room > most || room < 1)
      throw new Error(`slab: ${variantName}: room for ${room} objects; expected at most ${most}`);
  },
  headline: (results) => [...alone(results), ...scaling(results)],
});

function alone(results: readonly Result[]): HeadlineFigure[] {
  const one = results.find(({ variant, cpus }) => variant === 'slab' && cpus === 1);
  if (one === undefined) return [];
  return [{ label: 'slab alloc and free, one CPU', value: one.nsPerOp.median, unit: 'ns' }];
}

/** At the largest count of CPUs that all had a core. */
function scaling(results: readonly Result[]): HeadlineFigure[] {
  const fair = results.filter(
    ({ oversubscribed, variant }) => !oversubscribed && variant === 'slab',
  );
  const one = fair.find(({ cpus }) => cpus === 1);
  const most = Math.max(...fair.map(({ cpus }) => cpus));
  const all = fair.find(({ cpus }) => cpus === most);
  if (one === undefined || all === undefined || most < 2) return [];
  const value = all.opsPerSecond.median / one.opsPerSecond.median;
  return [{ label: `slab on ${most} CPUs against one`, value, unit: '×' }];
}

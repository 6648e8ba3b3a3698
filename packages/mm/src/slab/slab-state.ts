/**
 * The word that CPUs share of a slab: `Slab.state`, changed by compare-exchange alone.
 *
 *    31      22   21  20      11 10       0
 *   ┌──────────┬────┬──────────┬──────────┐   head    slot number + 1 of the first object of the slab's own list, 0 = empty
 *   │    0     │ fr │  inuse   │   head   │   inuse   objects that are not on that list
 *   └──────────┴────┴──────────┴──────────┘   frozen  a CPU owns the slab: it is on no list of the cache
 *
 *                       new slab, all objects on the CPU's list
 *                                     │
 *       ┌─────────── take ──────▶ frozen, head 0 ◀── take: the CPU's list was empty, head was not
 *       │                         │   ▲  │ free by another CPU: head = object, inuse − 1
 *    partial ◀── deactivate ──────┘   └──┘
 *       ▲                         │ take: head was 0 as well
 *       └──────── free ────── full, on no list
 *
 * `inuse` counts what lies on the list of the owning CPU, so only those who free to the slab's own list change it.
 *
 * A generation count against ABA is not needed: a free pushes one object, whose pointer says "head"
 * and nothing about what comes below; a take takes the whole list. Neither goes wrong when the list was taken and came
 * back with the same head meanwhile. Taking a single object would (busted twin `slab-takes-one-object`).
 */

const INUSE_SHIFT = 11;
const FIELD = (1 << INUSE_SHIFT) - 1;
const FROZEN = 1 << (2 * INUSE_SHIFT);

/** Slots that a slab may have: what `head` can name. */
export const MAX_OBJECTS: number = FIELD - 1;

export function slabState(head: number, inuse: number, frozen: boolean): number {
  return head | (inuse << INUSE_SHIFT) | (frozen ? FROZEN : 0);
}

export function headOf(state: number): number {
  return state & FIELD;
}

export function inuseOf(state: number): number {
  return (state >>> INUSE_SHIFT) & FIELD;
}

export function isFrozen(state: number): boolean {
  return (state & FROZEN) !== 0;
}

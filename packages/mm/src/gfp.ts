/**
 * What an allocation may do to get its memory: the GFP flags. Linux: include/linux/gfp_types.h.
 *
 * Whether an allocation may sleep is part of its type. A sleeping allocation is a generator, for
 * tasks; an atomic one is a plain function, for any context. So the compiler refuses GFP_KERNEL in an
 * interrupt handler, which Linux can only report at run time.
 *
 *   GFP_ATOMIC, GFP_NOWAIT            : AtomicGfp     allocPages(…): Ptr
 *   GFP_KERNEL, GFP_NOIO, GFP_NOFS    : SleepingGfp   allocPages(…): Sleeps<Ptr>
 *   gfp(GFP_KERNEL, __GFP_ZERO, …)    keeps the type of its first argument
 */

declare const sleeps: unique symbol;

/** Flags of an allocation that never sleeps. */
export type AtomicGfp = number & { readonly [sleeps]: false };
/** Flags of an allocation that may sleep. */
export type SleepingGfp = number & { readonly [sleeps]: true };
/** Flags that a caller chooses; see `gfp`. */
export type Gfp = AtomicGfp | SleepingGfp;
/** A flag that changes how an allocation is carried out, but not whether it may sleep. */
export type GfpModifier = number & { readonly [sleeps]: null };

const modifier = (bit: number): GfpModifier => bit as GfpModifier;

/** Linux: ___GFP_HIGH. May take from the pages below the low watermark that are kept for the urgent. */
export const __GFP_HIGH: GfpModifier = modifier(0x20);
/** Linux: __GFP_IO. Shrinkers may start input or output. */
export const __GFP_IO: GfpModifier = modifier(0x40);
/** Linux: __GFP_FS. Shrinkers may call into file systems. */
export const __GFP_FS: GfpModifier = modifier(0x80);
/** Linux: __GFP_ZERO. The memory is zeroed. */
export const __GFP_ZERO: GfpModifier = modifier(0x100);
/** Linux: __GFP_NOWARN. No report when the allocation fails. */
export const __GFP_NOWARN: GfpModifier = modifier(0x2000);
/** Linux: __GFP_RETRY_MAYFAIL. Reclaims more often before it gives up. */
export const __GFP_RETRY_MAYFAIL: GfpModifier = modifier(0x4000);
/** Linux: __GFP_NOFAIL. Never gives up. Only with flags that may sleep. */
export const __GFP_NOFAIL: GfpModifier = modifier(0x8000);
/** Linux: __GFP_NORETRY. Reclaims once, then gives up. */
export const __GFP_NORETRY: GfpModifier = modifier(0x1_0000);
/** Linux: __GFP_MEMALLOC. May use all memory there is: for those who free some by allocating a little. */
export const __GFP_MEMALLOC: GfpModifier = modifier(0x2_0000);
/** Linux: __GFP_NOMEMALLOC. Never touches the reserves, not even for a PF_MEMALLOC task. Wins over __GFP_MEMALLOC. */
export const __GFP_NOMEMALLOC: GfpModifier = modifier(0x8_0000);

/** Linux: __GFP_DIRECT_RECLAIM. The one bit that makes an allocation sleep; set through the type alone. */
export const DIRECT_RECLAIM = 0x400;

/** Linux: GFP_ATOMIC. Never sleeps, may use part of the reserve. Any context but NMI. */
export const GFP_ATOMIC: AtomicGfp = __GFP_HIGH as number as AtomicGfp;
/** Linux: GFP_NOWAIT. Never sleeps, fails soon and without a report. Any context but NMI. */
export const GFP_NOWAIT: AtomicGfp = __GFP_NOWARN as number as AtomicGfp;
/** Linux: GFP_KERNEL. The usual one. Task context; may sleep. */
export const GFP_KERNEL: SleepingGfp = (DIRECT_RECLAIM | __GFP_IO | __GFP_FS) as SleepingGfp;
/** Linux: GFP_NOFS. As GFP_KERNEL, from within a file system: shrinkers that would call back into it are left out. */
export const GFP_NOFS: SleepingGfp = (DIRECT_RECLAIM | __GFP_IO) as SleepingGfp;
/** Linux: GFP_NOIO. As GFP_KERNEL, from within input and output. */
export const GFP_NOIO: SleepingGfp = DIRECT_RECLAIM as SleepingGfp;

/** Linux: `base | modifier | …`. Keeps the type of `base`. */
export function gfp<Base extends Gfp>(base: Base, ...modifiers: readonly GfpModifier[]): Base {
  let flags: number = base;
  for (const one of modifiers) flags |= one;
  return flags as Base;
}

/** Linux: gfpflags_allow_blocking(). May an allocation with these flags sleep? */
export function maySleep(flags: Gfp): flags is SleepingGfp {
  return (flags & DIRECT_RECLAIM) !== 0;
}

/** `flags` without what needs a sleep: for a first attempt that does not. Linux: flags & ~(__GFP_DIRECT_RECLAIM | __GFP_IO). */
export function atomicPart(flags: Gfp): AtomicGfp {
  return (flags & ~(DIRECT_RECLAIM | __GFP_IO | __GFP_FS)) as AtomicGfp;
}

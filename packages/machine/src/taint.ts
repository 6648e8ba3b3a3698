/** Taint flags: what happened to this machine that makes later trouble less surprising. */

/** Bit and letter of each flag. Linux: include/linux/panic.h, kernel/panic.c (same bits and letters). */
export const Taint = {
  /** P: a proprietary module was loaded. */
  proprietaryModule: 0,
  /** F: a module was loaded by force. */
  forcedModule: 1,
  /** R: a module was removed by force. */
  forcedRemove: 3,
  /** M: a machine check happened. */
  machineCheck: 4,
  /** B: bad page state was found. */
  badPage: 5,
  /** U: user space asked for it. */
  user: 6,
  /** D: an oops or BUG happened. */
  die: 7,
  /** W: a WARN happened. */
  warn: 9,
  /** C: a staging driver was loaded. */
  staging: 10,
  /** O: a module from outside the tree was loaded. */
  outOfTree: 12,
  /** L: a soft lockup happened. */
  softLockup: 14,
} as const;

export type TaintName = keyof typeof Taint;

const LETTERS: Readonly<Record<TaintName, string>> = {
  proprietaryModule: 'P',
  forcedModule: 'F',
  forcedRemove: 'R',
  machineCheck: 'M',
  badPage: 'B',
  user: 'U',
  die: 'D',
  warn: 'W',
  staging: 'C',
  outOfTree: 'O',
  softLockup: 'L',
};

/** Linux: print_tainted(). `Not tainted`, or `Tainted: D W`. */
export function describeTaint(flags: number): string {
  if (flags === 0) return 'Not tainted';
  const letters: string[] = [];
  for (const name of Object.keys(Taint) as TaintName[]) {
    if ((flags & (1 << Taint[name])) !== 0) letters.push(LETTERS[name]);
  }
  return `Tainted: ${letters.join(' ')}`;
}

import type { LifeCheck } from './access-check.ts';
import type { Memory } from './memory.ts';

interface LifeChecked {
  setLifeCheck(lifeCheck: LifeCheck | undefined): void;
}

/**
 * From now on `lifeCheck` is asked at every access through this `memory` object; `undefined` ends it.
 * Returns false where the memory is not checked and nobody will ask. Each CPU sets its own.
 */
export function setLifeCheck(memory: Memory, lifeCheck: LifeCheck | undefined): boolean {
  if (!('setLifeCheck' in memory)) return false;
  (memory as Memory & LifeChecked).setLifeCheck(lifeCheck);
  return true;
}

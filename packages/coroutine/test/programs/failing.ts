interface Words {
  load(at: number): number;
}

/** Fails three calls deep, after it has been suspended at each level. */
export function outermost(memory: Words): number {
  return memory.load(0) + new Middle().call(memory);
}

class Middle {
  call(memory: Words): number {
    const inner = (at: number): number => innermost(memory, at);
    return inner(memory.load(1));
  }
}

function innermost(memory: Words, at: number): number {
  if (memory.load(at) === 0) throw new RangeError('no word');
  return 1;
}

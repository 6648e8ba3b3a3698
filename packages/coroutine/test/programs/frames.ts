interface Words {
  load(at: number): number;
}

export function cleaner(memory: Words, log: string[]): number {
  try {
    return memory.load(0) + memory.load(1);
  } catch (error) {
    log.push(`caught ${(error as Error).message}`);
    return -1;
  } finally {
    log.push('finally');
    memory.load(2);
  }
}

export function plain(value: number): number {
  return value * 2;
}

export const generator = {
  *all(memory: Words, log: string[]): Generator<number> {
    try {
      yield memory.load(0);
    } finally {
      log.push('finally');
      memory.load(1);
    }
  },
  *through(memory: Words, log: string[]): Generator<number> {
    yield* generator.all(memory, log);
    log.push('never');
  },
  leave(memory: Words, log: string[]): void {
    for (const _each of generator.through(memory, log)) break;
  },
  consume(memory: Words, log: string[]): void {
    for (const each of generator.all(memory, log)) log.push(String(each));
  },
};

/** The exceptions that faults travel as. */

/** A BUG or an oops: the task it happened in has ended. */
export class KernelOops extends Error {
  override readonly name: string = 'KernelOops';
  readonly cpu: number;
  constructor(text: string, cpu: number, cause?: unknown) {
    super(text, cause === undefined ? undefined : { cause });
    this.cpu = cpu;
  }
}

/** The machine has stopped, and it was this CPU that stopped it. */
export class KernelPanic extends Error {
  override readonly name: string = 'KernelPanic';
  readonly cpu: number;
  constructor(text: string, cpu: number, cause?: unknown) {
    super(`Kernel panic - not syncing: ${text}`, cause === undefined ? undefined : { cause });
    this.cpu = cpu;
  }
}

/**
 * The machine has stopped because of another CPU. Thrown wherever a CPU looks for interrupts, and again
 * at the next look should a program catch it.
 */
export class CpuStopped extends Error {
  override readonly name: string = 'CpuStopped';
  readonly cpu: number;
  constructor(cpu: number) {
    super(`CPU ${cpu} stopped: the machine is dead`);
    this.cpu = cpu;
  }
}

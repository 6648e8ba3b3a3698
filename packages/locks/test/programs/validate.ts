/** Programs that run the validators; locks cross threads by name. */
import type { Cpu } from '@percpu/machine';
import { validateFifo, validateSpinLock } from '../../src/validate/index.ts';
import type { SpinVerdict } from '../../src/validate/index.ts';
import { lockNamed } from '../support/busted.ts';

export interface ValidateArgs {
  readonly type: string;
  readonly lock: number;
  readonly arena: number;
  readonly cpus: number;
  readonly rounds: number;
}

export function spin(cpu: Cpu, args: ValidateArgs): SpinVerdict {
  return validateSpinLock(cpu, { ...args, type: lockNamed(args.type) });
}

export function fifo(cpu: Cpu, args: ValidateArgs): number {
  return validateFifo(cpu, { ...args, type: lockNamed(args.type) });
}

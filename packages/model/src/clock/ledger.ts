/**
 * Where the time of all CPUs goes, while the window is open. Only what is *not* computing is written down; computing is
 * what remains. Inside of an interrupt everything counts as that: it is time taken from the interrupted code.
 */
import { LineBill } from '../coherence/line-bill.ts';
import type { Line } from '../coherence/line.ts';

/** What a CPU does when it does not compute. */
export const Spend = { transfer: 0, lockWait: 1, ipi: 2, idle: 3 } as const;
export type SpendCode = (typeof Spend)[keyof typeof Spend];

export class Ledger {
  /** When the window opened and closed, on the virtual clock. */
  opened: number = Infinity;
  closed: number = Infinity;
  /** Accesses carried out since it opened. */
  accesses = 0;
  readonly spent: Float64Array = new Float64Array(4);
  /** Interrupts that each CPU is in. */
  readonly interrupts: Uint8Array;
  private readonly wordsPerLine: number;
  private isOpen = false;

  constructor(cpus: number, lineBytes: number) {
    this.interrupts = new Uint8Array(cpus);
    this.wordsPerLine = lineBytes >>> 2;
  }

  get open(): boolean {
    return this.isOpen;
  }

  begin(now: number): void {
    this.opened = now;
    this.isOpen = true;
  }

  end(now: number): void {
    this.closed = now;
    this.isOpen = false;
  }

  /** `cpu` spent the time from `from` to `to` so. */
  spend(cpu: number, what: SpendCode, from: number, to: number): void {
    if (!this.isOpen) return;
    if (this.interrupts[cpu]! > 0 && what !== Spend.ipi) return;
    const ns = to - Math.max(from, this.opened);
    if (ns > 0) this.spent[what]! += ns;
  }

  billOf(line: Line): LineBill {
    return (line.bill ??= new LineBill(this.wordsPerLine));
  }

  /** The word of its line that lies at `at`. */
  word(at: number): number {
    return (at >>> 2) & (this.wordsPerLine - 1);
  }
}

/** How many accesses with each label every CPU has carried out in this run. */
export class TakenAccesses {
  private readonly counts: Map<string, number>[] = [];

  clear(): void {
    this.counts.length = 0;
  }

  take(cpu: number, label: string): void {
    const counts = (this.counts[cpu] ??= new Map<string, number>());
    counts.set(label, (counts.get(label) ?? 0) + 1);
  }

  of(cpu: number, label: string): number {
    return this.counts[cpu]?.get(label) ?? 0;
  }
}

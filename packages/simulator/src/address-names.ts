/** What lives where, for people: `ticket.serving`, `cpu 1: mailbox.kick`, or the bare address. */
import { fieldAt, hex } from '@percpu/memory';
import type { LayoutInfo, Ptr } from '@percpu/memory';

interface Named {
  readonly at: Ptr;
  readonly end: Ptr;
  readonly layout: LayoutInfo;
  readonly name: string | undefined;
}

export class AddressNames {
  /** In the order in which they were given: the newest that covers an address names it. */
  private readonly entries: Named[] = [];
  private kept = 0;

  add(at: Ptr, layout: LayoutInfo, name?: string): void {
    this.entries.push({ at, end: at + layout.size, layout, name });
  }

  checkpoint(): void {
    this.kept = this.entries.length;
  }

  rewind(): void {
    this.entries.length = this.kept;
  }

  /** The name of the field that the byte at `at` belongs to. */
  nameOf(at: Ptr): string {
    const found = this.entryOf(at);
    if (found === undefined) return hex(at);
    const path = fieldAt(found.layout, at - found.at).slice(found.layout.layoutName.length);
    return (found.name ?? found.layout.layoutName) + path;
  }

  /** The struct at `at`, without the field. */
  structOf(at: Ptr): string | undefined {
    const found = this.entryOf(at);
    return found && (found.name ?? found.layout.layoutName);
  }

  /** The struct that begins at `at`: a value that is such an address is likely a pointer to it. */
  structAt(at: Ptr): string | undefined {
    const found = this.entries.findLast((entry) => entry.at === at);
    return found && (found.name ?? found.layout.layoutName);
  }

  private entryOf(at: Ptr): Named | undefined {
    return this.entries.findLast((entry) => at >= entry.at && at < entry.end);
  }
}

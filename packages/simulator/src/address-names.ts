/** What lives where, for people: `ticket.serving`, `cpu 1: mailbox.kick`, or the bare address. */
import { fieldAt, hex } from '@percpu/memory';
import type { LayoutInfo, Ptr } from '@percpu/memory';

/** Of the index, as a shift. */
const PAGE = 12;

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
  /** The entries that cover each page, made when somebody asks: a machine of 4096 CPUs has a hundred thousand. */
  private pages: Map<number, Named[]> | undefined = undefined;

  add(at: Ptr, layout: LayoutInfo, name?: string): void {
    this.pages = undefined;
    this.entries.push({ at, end: at + layout.size, layout, name });
  }

  checkpoint(): void {
    this.kept = this.entries.length;
  }

  rewind(): void {
    if (this.entries.length === this.kept) return;
    this.entries.length = this.kept;
    this.pages = undefined;
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

  /** First byte and end of the struct at `at`. */
  extentOf(at: Ptr): readonly [at: Ptr, end: Ptr] | undefined {
    const found = this.entryOf(at);
    return found && [found.at, found.end];
  }

  /** The struct that begins at `at`: a value that is such an address is likely a pointer to it. */
  structAt(at: Ptr): string | undefined {
    const found = this.entries.findLast((entry) => entry.at === at);
    return found && (found.name ?? found.layout.layoutName);
  }

  private entryOf(at: Ptr): Named | undefined {
    this.pages ??= this.byPage();
    return this.pages.get(at >>> PAGE)?.findLast((entry) => at >= entry.at && at < entry.end);
  }

  private byPage(): Map<number, Named[]> {
    const pages = new Map<number, Named[]>();
    for (const entry of this.entries) {
      for (let page = entry.at >>> PAGE; page <= (entry.end - 1) >>> PAGE; page++) {
        const list = pages.get(page);
        if (list === undefined) pages.set(page, [entry]);
        else list.push(entry);
      }
    }
    return pages;
  }
}

/**
 * Who called the allocator: the first frame of the call trace that is not of this package, as a number that fits
 * into a word. Linux keeps return addresses; a worker's functions have none.
 *
 *   0            not known: no debugging, or the clock is not the host's, where each call would be dear
 *   1 … SITES    a text that all CPUs share
 *   beyond       a kernel-text address that the caller gave
 */
import { TtasLock, ttas } from '@percpu/locks';
import { allocString, readString } from '@percpu/machine';
import type { Cpu, Subsystem } from '@percpu/machine';
import { array, layout, memblockAlloc } from '@percpu/memory';
import type { Layout, Ptr } from '@percpu/memory';

/** Call sites that a machine tells apart; those beyond are 0. */
const SITES = 1024;

const fields = { lock: TtasLock, count: 'u32', texts: array('ptr', SITES) } as const;
const CallSites: Layout<typeof fields> = layout(fields, { name: 'CallSites' });

interface SitesView {
  readonly at: Ptr;
  readonly known: Map<string, number>;
}

const subsystem: Subsystem<SitesView> = {
  name: 'mm-call-sites',
  create: ({ memory }: Cpu): Ptr => memblockAlloc(memory, CallSites.size, CallSites.align),
  attach: (_cpu: Cpu, at: Ptr): SitesView => ({ at, known: new Map<string, number>() }),
};

/** The caller of the function of this package that is running, as a number for `siteName`. Dear: debugging only. Any context but NMI. */
export function callSite(cpu: Cpu): number {
  if (cpu.memory.native === undefined) return 0;
  const text = firstForeignFrame(new Error().stack ?? '');
  if (text === '') return 0;
  const { at, known } = cpu.use(subsystem);
  const id = known.get(text) ?? share(cpu, at, text);
  known.set(text, id);
  return id;
}

/** As Linux prints an address: `name (file:line)`, a symbol, or `unknown`. */
export function siteName(cpu: Cpu, id: number): string {
  if (id === 0) return 'unknown';
  if (id > SITES) return cpu.text.symbolOf(id) || 'unknown';
  return readString(cpu.memory, cpu.memory.read(textAt(cpu.use(subsystem).at, id)));
}

function textAt(sites: Ptr, id: number): Ptr {
  return sites + CallSites.texts + 4 * (id - 1);
}

function share(cpu: Cpu, sites: Ptr, text: string): number {
  const { memory } = cpu;
  const flags = ttas.lockIrqsave(cpu, sites + CallSites.lock);
  const count = memory.read(sites + CallSites.count);
  let id = 1;
  while (id <= count && readString(memory, memory.read(textAt(sites, id))) !== text) id++;
  if (id > count && id <= SITES) {
    memory.write(textAt(sites, id), allocString(memory, text));
    memory.write(sites + CallSites.count, id);
  }
  ttas.unlockIrqrestore(cpu, sites + CallSites.lock, flags);
  return id <= SITES ? id : 0;
}

const FRAME = /at (?:async )?(?:(.+?) \()?((?:file:\/\/)?[^()\s]+?):(\d+):\d+\)?$/;
const HERE = 'debug/call-site.ts';
/** Of this package, but callers of it. */
const CALLERS = /\/(?:explorations|experiments|torture)\//;

/** `name (file:line)` of the first frame outside of the file or folder that this function is in. */
function firstForeignFrame(stack: string): string {
  let own = '';
  for (const line of stack.split('\n')) {
    const [, name = '', file = '', number = ''] = FRAME.exec(line.trim()) ?? [];
    if (file === '') continue;
    // The first frame is our own: a bundle, or a file in the sources of this package.
    if (own === '') own = file.endsWith(HERE) ? file.slice(0, -HERE.length) : file;
    if (file.startsWith(own) && !CALLERS.test(file.slice(own.length - 1))) continue;
    const short = `${file.slice(file.lastIndexOf('/') + 1)}:${number}`;
    return name === '' ? short : `${name} (${short})`;
  }
  return '';
}

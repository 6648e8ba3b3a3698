/**
 * Nobody can go on: who waits for what, and since whose doing.
 *
 *   lost-wakeup   a sleeper's word no longer holds what it sleeps on, and nobody is left to wake it
 *   livelock      all that wait spin
 *   deadlock      otherwise
 */
import { blockedTasks, PerCpuLayout } from '@percpu/machine';
import type { Ptr } from '@percpu/memory';
import type { RunView } from '../engine/observer.ts';
import type { Finding, Waiting } from '../engine/outcome.ts';
import { placeOf } from '../report/place.ts';
import { valueText } from '../report/access-text.ts';
import type { AccessRecord } from './race/granule.ts';

/** What a CPU that cannot go on waits for in the end. */
interface WaitsFor {
  readonly waiting: Waiting;
  /** Asleep because there is nothing to do. */
  readonly idle: boolean;
  /** The word; of a parked CPU the one it is parked on, not its own mailbox. */
  readonly at: Ptr;
  readonly value: number;
  /** It waits for the word to be `value`, not to be something else. */
  readonly until: boolean;
  readonly found: number;
  /** By another CPU: its own are not what it waits for. */
  readonly lastWrite: AccessRecord | undefined;
}

/** The last write to a word by a CPU other than `except`. */
type LastWrite = (at: Ptr, except: number) => AccessRecord | undefined;

function waitsFor(run: RunView, waiting: Waiting, lastWrite: LastWrite): WaitsFor {
  const { u32 } = run.store;
  const area = run.cpus[waiting.cpu]?.area;
  let { at, value } = waiting;
  let until = false;
  let idle = false;
  if (area !== undefined && waiting.state === 'sleeping' && at === area + PerCpuLayout.kick) {
    const parkedAt = u32[(area + PerCpuLayout.parkedAt) >>> 2]!;
    idle = parkedAt === 0;
    // Its own mailbox says nothing, unless a kick has come and nobody woke it.
    if (!idle && u32[at >>> 2] === value) {
      at = parkedAt;
      value = u32[(area + PerCpuLayout.parkedValue) >>> 2]!;
      until = u32[(area + PerCpuLayout.parkedUntil) >>> 2] === 1;
    }
  }
  return {
    waiting,
    idle,
    at,
    value,
    until,
    found: u32[at >>> 2]!,
    lastWrite: lastWrite(at, waiting.cpu),
  };
}

/** Its word is no longer what it waits for, and yet it sleeps. */
function isLost({ waiting, value, until, found }: WaitsFor): boolean {
  return waiting.state === 'sleeping' && (found === value) === until;
}

/** The finding of a run that is stuck. */
export function stuckFinding(
  run: RunView,
  waiting: readonly Waiting[],
  lastWrite: LastWrite = () => undefined,
): Finding {
  const all = waiting.map((one) => waitsFor(run, one, lastWrite));
  const lost = all.filter(isLost);
  const kind =
    lost.length > 0
      ? 'lost-wakeup'
      : all.length > 0 && all.every((one) => one.waiting.state === 'spinning')
        ? 'livelock'
        : 'deadlock';
  const message = [
    headline(kind, all, lost),
    ...all.map((one) => `  ${line(run, one)}`),
    ...taskLines(run).map((task) => `  ${task}`),
  ].join('\n');
  return { kind, message };
}

function headline(
  kind: 'lost-wakeup' | 'livelock' | 'deadlock',
  all: readonly WaitsFor[],
  lost: readonly WaitsFor[],
): string {
  if (kind === 'lost-wakeup') {
    const cpus = lost.map(({ waiting }) => `CPU ${waiting.cpu}`).join(' and ');
    return lost.length === 1
      ? `lost wake-up: the word that ${cpus} sleeps on has changed, and nobody is left to wake it`
      : `lost wake-up: the words that ${cpus} sleep on have changed, and nobody is left to wake them`;
  }
  const circle = cycle(all);
  const around =
    circle === undefined
      ? ''
      : `: ${circle.map((cpu) => `CPU ${cpu}`).join(' → ')} wait in a circle`;
  if (kind === 'deadlock') return `deadlock: nobody can go on${around}`;
  return `livelock: all that are left spin, and nobody can end it${around}`;
}

function line(run: RunView, one: WaitsFor): string {
  const { waiting, idle, at, value, until, found, lastWrite } = one;
  const { cpu, state, site } = waiting;
  if (idle && found === value) return `CPU ${cpu} is idle: none of its tasks can run`;
  const name = run.names.nameOf(at);
  const parked = at !== waiting.at;
  const how = parked ? 'is parked' : state === 'spinning' ? 'spins' : 'sleeps';
  const what = until
    ? `until ${name} is ${valueText(value)}`
    : `while ${name} is ${valueText(value)}`;
  const where = parked ? '' : ` in ${placeOf(site)}`;
  const now = found === value ? '' : `, which is ${valueText(found)}${until ? '' : ' by now'}`;
  return `CPU ${cpu} ${how}${where} ${what}${now}; ${writer(run, at, lastWrite)}`;
}

function writer(run: RunView, at: Ptr, last: AccessRecord | undefined): string {
  if (last === undefined) return 'no other CPU has written it in this run';
  const { cpu, site, step } = last;
  const what = last.at >>> 2 === at >>> 2 ? 'it' : run.names.nameOf(last.at);
  return `of the others CPU ${cpu} wrote ${what} last, in ${placeOf(site)}, step ${step}`;
}

/** CPUs each of which waits for a word that the next one wrote last; the first again at the end. */
function cycle(all: readonly WaitsFor[]): readonly number[] | undefined {
  const next = new Map<number, number>();
  for (const { waiting, lastWrite } of all) {
    if (lastWrite !== undefined) next.set(waiting.cpu, lastWrite.cpu);
  }
  for (const start of next.keys()) {
    const path = [start];
    for (let cpu = next.get(start); cpu !== undefined; cpu = next.get(cpu)) {
      path.push(cpu);
      if (cpu === start) return path;
      if (path.length > next.size + 1) break;
    }
  }
  return undefined;
}

/** Tasks that sleep until somebody wakes them. */
function taskLines(run: RunView): readonly string[] {
  const memory = run.processors[0]?.memory;
  if (run.machine === undefined || memory === undefined) return [];
  return blockedTasks(memory, run.machine);
}

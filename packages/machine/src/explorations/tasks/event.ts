/** What tasks of the machine wait for: events, and the sleeping lock. */
import { exploration } from '@percpu/experiment';
import type { Exploration, Program, World } from '@percpu/experiment';
import type { Ptr } from '@percpu/memory';
import type { Cpu } from '../../cpu.ts';
import type { Sleeps } from '../../sleeps.ts';
import { waitForEvent } from '../../task/event.ts';
import {
  SleepLock,
  sleepLockRead,
  sleepLockWrite,
  sleepUnlockRead,
  sleepUnlockWrite,
} from '../../task/sleep-lock.ts';
import { signalEvent } from '../../task/waiters.ts';
import { onlineCpu } from '../../online.ts';
import { expect } from '../core/support.ts';

interface Happening {
  readonly event: Ptr;
  /** Plain: written before the event is signalled. */
  readonly data: Ptr;
}

function happening(w: World<Cpu>): Happening {
  return { event: w.alloc(128), data: w.alloc(128) };
}

function waitAndRead(p: Program<Cpu>, { event, data }: Happening): void {
  p.cpu.block(waitForEvent(p.cpu, event));
  expect(p.memory.read(data) === 1, 'it has not happened');
}

function signal(p: Program<Cpu>, { event, data }: Happening): void {
  p.memory.write(data, 1);
  signalEvent(p.cpu, event);
}

const EVENT = 'A task joins the list of waiters in the event word, or finds that it has happened.';

const eventWait: Exploration = exploration<Happening, Cpu>({
  name: 'event-wait',
  title: 'A task that waits for an event goes on when it has happened',
  description: EVENT,
  on: 'cpu',
  setup: happening,
  programs: [waitAndRead, signal],
});

const eventWaitTwo: Exploration = exploration<Happening, Cpu>({
  name: 'event-wait-two',
  title: 'An event lets all go that wait for it',
  description: `${EVENT} Two tasks, on CPUs of their own.`,
  on: 'cpu',
  setup: happening,
  programs: [waitAndRead, waitAndRead, signal],
});

interface Locked {
  readonly lock: Ptr;
  readonly data: Ptr;
}

function locked(w: World<Cpu>): Locked {
  const at = { lock: w.alloc(SleepLock.size), data: w.alloc(128) };
  w.memory.describe(at.lock, SleepLock, 'lock');
  for (const cpu of w.cpus) onlineCpu(cpu);
  return at;
}

function* write(p: Program<Cpu>, { lock, data }: Locked): Sleeps<void> {
  yield* sleepLockWrite(p.cpu, lock);
  const before = p.memory.read(data);
  p.memory.write(data, before + 1);
  p.memory.write(data + 4, before + 1);
  sleepUnlockWrite(p.cpu, lock);
}

function* read(p: Program<Cpu>, { lock, data }: Locked): Sleeps<void> {
  yield* sleepLockRead(p.cpu, lock);
  expect(p.memory.read(data) === p.memory.read(data + 4), 'a reader beside a writer');
  sleepUnlockRead(p.cpu, lock);
}

function isFree(w: World<Cpu>, { lock, data }: Locked): void {
  const { memory } = w;
  for (const field of ['readers', 'writer', 'first'] as const)
    expect(memory.read(lock + SleepLock[field]) === 0, `${field} is left behind`);
  w.see('writes', memory.read(data));
}

const sleepLockTwo: Exploration = exploration<Locked, Cpu>({
  name: 'sleep-lock-writers',
  title: 'Two writers of a sleeping lock exclude each other, and both get it',
  description:
    'Each adds to plain data. A lock that is released with a task waiting is handed over: it is never free in between.',
  on: 'cpu',
  cpus: 2,
  parameters: { 'spin.budget': 1000 },
  setup: locked,
  program: (p: Program<Cpu>, s) => p.cpu.block(write(p, s)),
  after: isFree,
  allowed: [{ writes: 2 }],
});

const sleepLockReaders: Exploration = exploration<Locked, Cpu>({
  name: 'sleep-lock-readers',
  title: 'Readers of a sleeping lock never meet a writer',
  description:
    'Two readers, one writer, three CPUs. Whoever comes behind a waiting writer waits too. With at most two preemptions.',
  on: 'cpu',
  parameters: { 'spin.budget': 1000 },
  limits: { preemptions: 2 },
  setup: locked,
  programs: [
    (p: Program<Cpu>, s) => p.cpu.block(read(p, s)),
    (p: Program<Cpu>, s) => p.cpu.block(write(p, s)),
    (p: Program<Cpu>, s) => p.cpu.block(read(p, s)),
  ],
  after: isFree,
  allowed: [{ writes: 1 }],
});

export const events: readonly Exploration[] = [
  eventWait,
  eventWaitTwo,
  sleepLockTwo,
  sleepLockReaders,
];

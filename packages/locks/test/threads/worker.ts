/** What the workers of threads.spec.ts do. Started with the places of the locks and the name of a program. */
import { parentPort, workerData } from 'node:worker_threads';
import { Barrier, Condition, Mutex, RwLock, Semaphore } from '../../src/threads/index.ts';
import type { Place } from '../../src/threads/index.ts';

export interface Order {
  readonly program: keyof typeof programs;
  readonly id: number;
  readonly rounds: number;
  /** Of all locks that the test made. */
  readonly places: Readonly<Record<string, Place>>;
  readonly words: Int32Array;
}

const order = workerData as Order;
const { words, rounds, id } = order;
const place = (name: string): Place => order.places[name]!;

function add(index: number, delta: number): void {
  words[index]! += delta;
}

const programs = {
  /** Counts under a mutex, one time in eight only if it is quick. */
  count(): number {
    const mutex = new Mutex(place('mutex'));
    let counted = 0;
    for (let i = 0; i < rounds; i++) {
      if (i % 8 === 0) {
        if (!mutex.lock(0.05)) continue;
      } else mutex.lock();
      add(0, 1);
      counted++;
      mutex.unlock();
    }
    return counted;
  },
  /** At most two inside. */
  visit(): number {
    const semaphore = new Semaphore(place('semaphore'));
    let most = 0;
    for (let i = 0; i < rounds; i++) {
      if (i % 8 === 0 && !semaphore.acquire(0.05)) continue;
      if (i % 8 !== 0) semaphore.acquire();
      most = Math.max(most, Atomics.add(words, 0, 1) + 1);
      Atomics.sub(words, 0, 1);
      semaphore.release();
    }
    return most;
  },
  /** One in eight writes two words; nobody sees one of them without the other. */
  readAndWrite(): number {
    const lock = new RwLock(place('rwLock'));
    let torn = 0;
    for (let i = 0; i < rounds; i++) {
      if ((i + id) % 8 === 0) {
        if (!lock.writeLock(i % 16 === 0 ? 0.05 : Infinity)) continue;
        add(0, 1);
        add(1, 1);
        if (i % 3 === 0) {
          lock.downgrade();
          if (words[0] !== words[1]) torn++;
          lock.readUnlock();
        } else lock.writeUnlock();
      } else {
        if (!lock.readLock(i % 5 === 0 ? 0.05 : Infinity)) continue;
        if (words[0] !== words[1]) torn++;
        lock.readUnlock();
      }
    }
    return torn;
  },
  /** Even threads put, odd ones take, one place between them. */
  hand(): number {
    const mutex = new Mutex(place('mutex'));
    const condition = new Condition(place('condition'));
    const puts = id % 2 === 0;
    for (let i = 0; i < rounds; i++) {
      mutex.lock();
      condition.waitFor(mutex, () => words[0] === (puts ? 0 : 1));
      words[0] = puts ? 1 : 0;
      mutex.unlock();
      condition.notifyAll();
    }
    return rounds;
  },
  /** Nobody is more than a round ahead. */
  meet(): number {
    const barrier = new Barrier(place('barrier'));
    let last = 0;
    for (let i = 1; i <= rounds; i++) {
      Atomics.add(words, 0, 1);
      if (barrier.wait() === 'last') last++;
      if (Atomics.load(words, 0) < i * 4) throw new Error('passed before all had come');
      barrier.wait();
    }
    return last;
  },
};

try {
  parentPort!.postMessage({ result: programs[order.program]() });
} catch (error) {
  parentPort!.postMessage({ error: String(error) });
}

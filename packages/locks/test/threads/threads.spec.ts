/** The locks for plain worker threads, on worker threads; their promises; what they refuse. */
import { execFileSync } from 'node:child_process';
import { Worker } from 'node:worker_threads';
import { describe, expect, test } from 'vitest';
import { Barrier, Condition, Mutex, RwLock, Semaphore } from '../../src/threads/index.ts';
import type { Place } from '../../src/threads/index.ts';
import type { Order } from './worker.ts';

const THREADS = 4;
const words = (): Int32Array => new Int32Array(new SharedArrayBuffer(8));

async function onThreads(
  program: Order['program'],
  rounds: number,
  places: Order['places'],
  shared: Int32Array,
): Promise<number[]> {
  const one = (id: number): Promise<number> =>
    new Promise((resolve, reject) => {
      const workerData: Order = { program, id, rounds, places, words: shared };
      const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData });
      worker.on('message', ({ result, error }: { result: number; error?: string }) => {
        if (error === undefined) resolve(result);
        else reject(new Error(error));
      });
      worker.on('error', reject);
    });
  return Promise.all(Array.from({ length: THREADS }, (_, id) => one(id)));
}

describe('on four threads', () => {
  test('a mutex: no count is lost', async () => {
    const shared = words();
    const counted = await onThreads('count', 20_000, { mutex: new Mutex().place }, shared);
    expect(shared[0]).toBe(counted.reduce((sum, n) => sum + n));
  });

  test('a semaphore: two inside, not more, and no permit is lost', async () => {
    const semaphore = new Semaphore(2);
    const most = await onThreads('visit', 5000, { semaphore: semaphore.place }, words());
    expect(Math.max(...most)).toBeLessThanOrEqual(2);
    expect(semaphore.available()).toBe(2);
  });

  test('readers and writers: nothing torn', async () => {
    const lock = new RwLock();
    const torn = await onThreads('readAndWrite', 10_000, { rwLock: lock.place }, words());
    expect(torn).toEqual([0, 0, 0, 0]);
    expect(lock.tryWriteLock()).toBe(true);
  });

  test('a condition: what is put is taken, once', async () => {
    const places = { mutex: new Mutex().place, condition: new Condition().place };
    const shared = words();
    await onThreads('hand', 2000, places, shared);
    expect(shared[0]).toBe(0);
  });

  test('a barrier: rounds, and one in each was the last', async () => {
    const last = await onThreads('meet', 500, { barrier: new Barrier(THREADS).place }, words());
    expect(last.reduce((sum, n) => sum + n)).toBe(500);
  });
});

/** The other end of a lock, as another thread has it. */
const other = ({ place }: Mutex): Mutex => new Mutex(place);

describe('promises', () => {
  test('each task gets its turn, and none counts at the same time', async () => {
    const mutex = new Mutex();
    const ends = Array.from({ length: 10 }, () => other(mutex));
    let inside = 0;
    const turns = ends.map(async (end) => {
      const held = await end.acquireAsync();
      expect(++inside).toBe(1);
      await Promise.resolve();
      inside--;
      held.unlock();
    });
    await Promise.all(turns);
    expect(mutex.isLocked()).toBe(false);
  });

  test('a timeout, an abort: false, and the reason; then everything is as it was', async () => {
    const mutex = new Mutex();
    mutex.lock();
    const end = other(mutex);
    expect(await end.lockAsync(1)).toBe(false);
    const reason = new Error('changed my mind');
    const controller = new AbortController();
    const waiting = end.lockAsync(Infinity, controller.signal);
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    await expect(end.lockAsync(Infinity, controller.signal)).rejects.toBe(reason);
    const last = end.lockAsync();
    mutex.unlock();
    expect(await last).toBe(true);
    end.unlock();
    expect(mutex.tryLock()).toBe(true);
  });

  test('a call that comes to one who has gone is passed on', async () => {
    const semaphore = new Semaphore(0);
    const controller = new AbortController();
    const gone = semaphore.acquireAsync(Infinity, controller.signal);
    const stays = semaphore.acquireAsync();
    controller.abort(new Error('gone'));
    await expect(gone).rejects.toThrow('gone');
    semaphore.release();
    expect(await stays).toBe(true);
    expect(semaphore.available()).toBe(0);
  });

  test('readers together, then the writer, then the reader behind it', async () => {
    const lock = new RwLock();
    const end = (): RwLock => new RwLock(lock.place);
    const order: string[] = [];
    const first = await end().readAsync();
    const second = await end().readAsync();
    const writer = end()
      .writeAsync()
      .then((held) => {
        order.push('writer');
        held[Symbol.dispose]();
      });
    const reader = end()
      .readAsync()
      .then((held) => {
        order.push('reader');
        held[Symbol.dispose]();
      });
    expect(end().tryReadLock()).toBe(false);
    first[Symbol.dispose]();
    second[Symbol.dispose]();
    await Promise.all([writer, reader]);
    expect(order).toEqual(['writer', 'reader']);
    expect(lock.tryWriteLock()).toBe(true);
  });

  test('a condition and a barrier', async () => {
    const mutex = new Mutex();
    const condition = new Condition();
    await mutex.lockAsync();
    const called = condition.waitAsync(mutex);
    const end = other(mutex);
    await end.lockAsync();
    end.unlock();
    new Condition(condition.place).notifyOne();
    expect(await called).toBe(true);
    expect(await condition.waitAsync(mutex, 1)).toBe(false);
    mutex.unlock();
    const barrier = new Barrier(2);
    const passed = await Promise.all([barrier.waitAsync(), barrier.waitAsync()]);
    expect(passed.sort()).toEqual(['last', 'passed']);
    expect(await barrier.waitAsync(1)).toBe('timed-out');
  });

  test('a process that waits for nothing else stays', () => {
    const program = `
      import { Mutex } from ${JSON.stringify(new URL('../../src/threads/index.ts', import.meta.url).href)};
      const mutex = new Mutex();
      mutex.lock();
      const end = new Mutex(mutex.place);
      setTimeout(() => mutex.unlock(), 50).unref();
      console.log(String(await end.lockAsync()));
    `;
    const said = execFileSync(process.execPath, ['--input-type=module', '--eval', program]);
    expect(String(said)).toBe('true\n');
  });
});

describe('what is refused, and why', () => {
  const small = new SharedArrayBuffer(4);
  const at = (buffer: unknown, byteOffset: unknown): Place => ({ buffer, byteOffset }) as Place;
  // prettier-ignore
  test.each<[string, () => unknown, RegExp]>([
    ['a place that is none', () => new Mutex(at(new ArrayBuffer(8), 0)), /Mutex: a place is .* its buffer is a ArrayBuffer/],
    ['too small', () => new Mutex(at(small, 0)), /byteOffset must be a multiple of 4 from 0 to -4 \(it takes 8 of 4 bytes\); got 0/],
    ['between two words', () => new RwLock(at(new SharedArrayBuffer(64), 2)), /RwLock: byteOffset must be a multiple of 4 from 0 to 52 .* got 2/],
    ['locked twice', () => { const mutex = new Mutex(); mutex.lock(); mutex.lock(); }, /this thread holds it already, and would wait for itself/],
    ['unlocked by a stranger', () => { const mutex = new Mutex(); mutex.lock(); other(mutex).unlock(); }, /Mutex\.unlock: this thread does not hold it/],
    ['a timeout that is none', () => { const mutex = new Mutex(); mutex.lock(); other(mutex).lock(NaN); }, /a timeout is a number of milliseconds, or Infinity; got NaN/],
    ['read while writing', () => { const lock = new RwLock(); lock.writeLock(); lock.readLock(); }, /RwLock\.readLock: this thread writes already/],
    ['unlocked, not read', () => new RwLock().readUnlock(), /this thread does not read/],
    ['unlocked, not written', () => new RwLock().writeUnlock(), /this thread does not write/],
    ['half a permit', () => new Semaphore(0.5), /Semaphore: 0 to 1073741824 permits; got 0\.5/],
    ['no permit', () => new Semaphore(1).release(0), /Semaphore\.release: 1 to 1073741824 permits; got 0/],
    ['too many permits', () => new Semaphore(2 ** 30).release(), /1073741824 permits are free, 1 more would be above/],
    ['nobody to meet', () => new Barrier(0), /Barrier: 1 to 4095 threads; got 0/],
    ['a barrier that nobody made', () => new Barrier({ buffer: new SharedArrayBuffer(8), byteOffset: 0 }).wait(), /its number of threads is 0/],
    ['a wait without the mutex', () => new Condition().wait(new Mutex()), /Mutex\.unlock: this thread does not hold it/],
  ])('%s', (_name, act, message) => {
    expect(act).toThrow(message);
  });

  test('1024 readers', () => {
    const lock = new RwLock();
    for (let i = 0; i < 1023; i++) lock.tryReadLock();
    expect(() => lock.tryReadLock()).toThrow('1023 readers are inside or wait, which is the most');
    for (let i = 0; i < 1023; i++) lock.readUnlock();
    expect(lock.tryWriteLock()).toBe(true);
  });
});

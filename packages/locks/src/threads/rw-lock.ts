/** Readers together or one writer alone, for threads that share a SharedArrayBuffer and nothing else. How it works: rw-words.ts. */
import { placeOf, wordsAt } from './place.ts';
import type { Place } from './place.ts';
import {
  downgrade,
  leaveReading,
  leaveWriting,
  tryEnterReading,
  tryEnterWriting,
  waitToRead,
  waitToWrite,
  WORDS,
} from './rw-words.ts';
import { waitForIt } from './wait-for-it.ts';
import { block, DEFAULT_SPINS } from './waiting.ts';
import type { SpinOptions } from './waiting.ts';

export class RwLock {
  /** Bytes that it takes. */
  static readonly BYTES: number = WORDS * Int32Array.BYTES_PER_ELEMENT;

  readonly #words: Int32Array;
  readonly #spins: number;
  readonly #reading: Disposable = { [Symbol.dispose]: () => this.readUnlock() };
  readonly #writing: Disposable = { [Symbol.dispose]: () => this.writeUnlock() };
  /** What this thread holds, through this object. */
  #readers = 0;
  #writer = false;

  /** Without `place`: a new one. With it: the one that lies there; all words 0 are a free one. */
  constructor(place?: Place, { spins = DEFAULT_SPINS }: SpinOptions = {}) {
    this.#words = wordsAt(place, WORDS, 'RwLock');
    this.#spins = spins;
  }

  /** To be sent to other threads. */
  get place(): Place {
    return placeOf(this.#words);
  }

  /** Blocks while a writer is inside or waits. False: it took longer than `timeoutMs`. */
  readLock(timeoutMs: number = Infinity): boolean {
    this.#refuseSecond('readLock');
    if (this.tryReadLock()) return true;
    return this.#read(block(waitToRead(this.#words), timeoutMs, this.#spins));
  }

  /** As `readLock`, for threads that must not block. Rejects with the reason of `signal`. */
  readLockAsync(timeoutMs: number = Infinity, signal?: AbortSignal): Promise<boolean> {
    if (this.tryReadLock()) return Promise.resolve(true);
    return waitForIt(waitToRead(this.#words), timeoutMs, signal).then((in_) => this.#read(in_));
  }

  /** Goes in if no writer is inside or waits, and does not wait itself. */
  tryReadLock(): boolean {
    return this.#read(tryEnterReading(this.#words));
  }

  readUnlock(): void {
    if (this.#readers === 0)
      throw new Error('RwLock.readUnlock: this thread does not read (through this object)');
    this.#readers--;
    leaveReading(this.#words);
  }

  /** Blocks while anybody is inside. False: it took longer than `timeoutMs`. */
  writeLock(timeoutMs: number = Infinity): boolean {
    this.#refuseSecond('writeLock');
    if (this.tryWriteLock()) return true;
    return this.#write(block(waitToWrite(this.#words), timeoutMs, this.#spins));
  }

  /** As `writeLock`, for threads that must not block. Rejects with the reason of `signal`. */
  writeLockAsync(timeoutMs: number = Infinity, signal?: AbortSignal): Promise<boolean> {
    if (this.tryWriteLock()) return Promise.resolve(true);
    return waitForIt(waitToWrite(this.#words), timeoutMs, signal).then((in_) => this.#write(in_));
  }

  /** Goes in if nobody is inside, and does not wait. */
  tryWriteLock(): boolean {
    return this.#write(tryEnterWriting(this.#words));
  }

  writeUnlock(): void {
    this.#requireWriter('writeUnlock');
    this.#writer = false;
    leaveWriting(this.#words);
  }

  /** The writer goes on as a reader; nobody can have written in between. */
  downgrade(): void {
    this.#requireWriter('downgrade');
    this.#writer = false;
    this.#readers++;
    downgrade(this.#words);
  }

  /** As `readLock`, for `using`. */
  read(): Disposable {
    this.readLock();
    return this.#reading;
  }

  /** As `writeLock`, for `using`. */
  write(): Disposable {
    this.writeLock();
    return this.#writing;
  }

  readAsync(signal?: AbortSignal): Promise<Disposable> {
    return this.readLockAsync(Infinity, signal).then(() => this.#reading);
  }

  writeAsync(signal?: AbortSignal): Promise<Disposable> {
    return this.writeLockAsync(Infinity, signal).then(() => this.#writing);
  }

  #read(inside: boolean): boolean {
    if (inside) this.#readers++;
    return inside;
  }

  #write(inside: boolean): boolean {
    if (inside) this.#writer = true;
    return inside;
  }

  /** A second read lock would wait for a writer that waits for the first. */
  #refuseSecond(what: string): void {
    if (!this.#writer && this.#readers === 0) return;
    const how = this.#writer ? 'writes' : 'reads';
    throw new Error(`RwLock.${what}: this thread ${how} already, and might wait for itself`);
  }

  #requireWriter(what: string): void {
    if (!this.#writer)
      throw new Error(`RwLock.${what}: this thread does not write (through this object)`);
  }
}

/** Where a lock lies: some words of a SharedArrayBuffer, all 0 at first. */

/** Can be sent to a worker, which makes the lock's other end of it: `new Mutex(place)`. */
export interface Place {
  readonly buffer: SharedArrayBuffer;
  /** A multiple of 4. */
  readonly byteOffset: number;
}

const WORD = 4;

/**
 * The words at `place`, or in a buffer of their own when it is undefined.
 *
 * @throws TypeError, RangeError that name the lock, what was given and what is accepted.
 */
export function wordsAt(place: Place | undefined, words: number, what: string): Int32Array {
  if (place === undefined) return new Int32Array(new SharedArrayBuffer(words * WORD));
  const { buffer, byteOffset } = place;
  if (!((buffer as unknown) instanceof SharedArrayBuffer))
    throw new TypeError(
      `${what}: a place is { buffer: SharedArrayBuffer, byteOffset }; its buffer is ${show(buffer)}`,
    );
  const most = buffer.byteLength - words * WORD;
  if (
    !Number.isInteger(byteOffset) ||
    byteOffset % WORD !== 0 ||
    byteOffset < 0 ||
    byteOffset > most
  )
    throw new RangeError(
      `${what}: byteOffset must be a multiple of ${WORD} from 0 to ${most} (it takes ${words * WORD} of ${buffer.byteLength} bytes); got ${show(byteOffset)}`,
    );
  return new Int32Array(buffer, byteOffset, words);
}

export function placeOf(words: Int32Array): Place {
  return { buffer: words.buffer as SharedArrayBuffer, byteOffset: words.byteOffset };
}

function show(value: unknown): string {
  return typeof value === 'object' && value !== null
    ? `a ${value.constructor.name}`
    : String(value);
}

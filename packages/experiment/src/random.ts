/**
 * A small random number generator with a seed: sfc32, Chris Doty-Humphrey's "small fast counting"
 * generator of PractRand (public domain), 128 bits of state. Not for secrets.
 */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  /** Raw state; `seededRandom` mixes it. */
  constructor(a: number, b: number, c: number) {
    this.#a = a | 0;
    this.#b = b | 0;
    this.#c = c | 0;
  }

  /** 0 … 2³²−1. */
  next(): number {
    const result = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + result) | 0;
    return result >>> 0;
  }

  /** 0 … n−1, for n up to 2³². The bias is below n/2³². */
  below(n: number): number {
    return Math.floor((this.next() / 2 ** 32) * n);
  }

  /** 0 ≤ x < 1, in steps of 2⁻³². */
  fraction(): number {
    return this.next() / 2 ** 32;
  }
}

/**
 * Different `stream`s of one seed are independent: one for each CPU and repeat. `seed` is a whole
 * number up to 2⁵³; its high half counts too.
 */
export function seededRandom(seed: number, stream = 0): Random {
  const random = new Random(stream, seed, Math.floor(seed / 2 ** 32));
  // Not in the constructor, where a coroutine could not run. Twelve rounds are what PractRand takes.
  for (let i = 0; i < 12; i++) random.next();
  return random;
}

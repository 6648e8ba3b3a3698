/**
 * Tokens: how one thread lets another go on. A word counts those given and not yet taken; those who wait
 * for one sleep on it while it is 0.
 *
 * A token belongs to nobody: of several threads that wait for the same, any may take it. They all stand for the
 * same thing (a permit, a read lock …), so it does not matter which of them goes first; the host wakes them in order.
 */

/** One of them, if there is one. */
export function takeToken(words: Int32Array, at: number): boolean {
  for (;;) {
    const there = Atomics.load(words, at);
    if (there === 0) return false;
    // Edge T: pairs with giveTokens. What the giver wrote before is visible.
    if (Atomics.compareExchange(words, at, there, there - 1) === there) return true;
  }
}

/** To so many who wait for it or are about to. */
export function giveTokens(words: Int32Array, at: number, count: number): void {
  // Edge T. First the token, then the call: who looks in between finds it, and who sleeps is called.
  Atomics.add(words, at, count);
  Atomics.notify(words, at, count);
}

/**
 * Names: kebab-case for everything a user types on a command line, and the nearest accepted one
 * for what was mistyped.
 */

const KEBAB = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;
const KNOB = /^[a-z][a-zA-Z0-9]*$/;
const MAX_NAME = 64;

/** A mistake in the definition of an experiment or scenario: for its author. */
export class DefinitionError extends Error {
  override readonly name: string = 'DefinitionError';
}

/** A variant, knob, value or CPU count that the experiment does not offer: for whoever runs it. */
export class ChoiceError extends Error {
  override readonly name: string = 'ChoiceError';
}

/** `lock-handover`, `tas`, `seam-wasm`. Variants may carry versions, as in `rbtree-2.6.28`. */
export function isName(text: unknown, { dots = false }: { dots?: boolean } = {}): text is string {
  return (
    typeof text === 'string' &&
    text.length <= MAX_NAME &&
    KEBAB.test(dots ? text.replaceAll('.', '-') : text)
  );
}

/** `heldNs`: knobs become properties of the context that a body takes apart. */
export function isKnobName(text: unknown): text is string {
  return typeof text === 'string' && text.length <= MAX_NAME && KNOB.test(text);
}

/** A value as it may stand in a message: short, and strings in quotes. */
export function show(value: unknown): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

/** `1 CPU`, `2 CPUs`. */
export function showCpus(n: number): string {
  return n === 1 ? '1 CPU' : `${n} CPUs`;
}

/** Insertions, deletions and replacements that make `a` into `b` (Levenshtein's distance). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replace, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** The candidate that `word` most likely meant; undefined when none is near (a third of its letters, at least two). */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const typed = word.slice(0, MAX_NAME).toLowerCase();
  let best: string | undefined;
  let least = Math.max(2, Math.floor(typed.length / 3)) + 1;
  for (const candidate of candidates) {
    const d = distance(typed, candidate.toLowerCase());
    if (d < least) {
      least = d;
      best = candidate;
    }
  }
  return best;
}

/** `unknown variant "tsa" of lock-handover: did you mean "tas"? Accepted: tas, ticket.` */
export function unknownName(what: string, word: string, accepted: readonly string[]): ChoiceError {
  const guess = nearest(word, accepted);
  const hint = guess === undefined ? '' : ` Did you mean ${show(guess)}?`;
  return new ChoiceError(
    `unknown ${what} ${show(word)}.${hint} Accepted: ${accepted.join(', ') || 'none'}.`,
  );
}

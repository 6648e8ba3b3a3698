/** Each reaches memory from a place that nobody can suspend; only running it shows that. */

interface Words {
  load(at: number): number;
}

class Holder {
  readonly words: Words;
  readonly first: number;
  constructor(words: Words, early: boolean) {
    this.words = words;
    this.first = early ? words.load(0) : 0;
  }
  get word(): number {
    return read(this.words);
  }
  set word(_value: number) {
    read(this.words);
  }
  static at = (words: Words): number => words.load(3);
  toString(): string {
    return String(read(this.words));
  }
}

function read(words: Words): number {
  return words.load(0);
}

function* all(words: Words): Generator<number> {
  yield words.load(1);
  yield words.load(2);
}

export const uncontrolled: Readonly<Record<string, (words: Words) => unknown>> = {
  getter: (words) => new Holder(words, false).word,
  setter: (words) => {
    new Holder(words, false).word = 1;
  },
  'a constructor': (words) => new Holder(words, true),
  'callback of a built-in': (words) => [1, 2].map(() => read(words)),
  'callback of a built-in, by name': (words) => [1, 2].map<number>(Holder.at.bind(null, words)),
  'conversion to a string': (words) => String(new Holder(words, false)),
  'spread of a generator': (words) => [...all(words)],
  'destructuring of a generator': (words) => {
    const [first] = all(words);
    return first;
  },
  'generator given to a built-in': (words) => Array.from(all(words)),
  JSON: (words) => JSON.stringify({ toJSON: () => read(words) }),
  'Reflect.apply': (words) => Reflect.apply<undefined, [Words], number>(read, undefined, [words]),
};

export const controlled: Readonly<Record<string, (words: Words) => unknown>> = {
  'for…of over a generator': (words) => {
    let total = 0;
    for (const each of all(words)) total += each;
    return total;
  },
  'steps of a generator': (words) => all(words).next().value as number,
  'call and bind': (words) => read.call(null, words) + read.bind(null, words)(),
  'method taken off': (words) => Holder.at(words),
};

/** Values held between the steps of one expression in a twin: `(t = …, u = …, result)`. */
import type { Emitter, Temporaries } from './context.ts';

export class Scratch {
  readonly #e: Emitter;
  readonly #at: number;
  readonly #temps: Temporaries;
  readonly #taken: string[] = [];

  constructor(e: Emitter, temps: Temporaries, at: number) {
    this.#e = e;
    this.#at = at;
    this.#temps = temps;
    e.out.write('(', at);
  }

  take(): string {
    const name = this.#temps.take();
    this.#taken.push(name);
    return name;
  }

  /** `name = value,` */
  assign(value: () => void): string {
    const name = this.take();
    this.#e.out.write(`${name}=`, this.#at);
    value();
    this.#e.out.write(',', this.#at);
    return name;
  }

  close(): void {
    this.#e.out.write(')', this.#at);
    this.#temps.give(...this.#taken);
  }
}

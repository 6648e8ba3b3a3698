/**
 * Code that may sleep is a generator and is called with `yield*`. A bare `yield` gives the CPU to
 * the scheduler, which resumes the task once it is runnable; whether it is, its task struct says.
 * Code for atomic context is a plain function, so the compiler refuses a sleep inside an interrupt
 * handler or under a spin lock taken by a plain function.
 */
export type Sleeps<T> = Generator<void, T, void>;

/** Is this what a `function*` returned? (An array iterator is iterable too, but is no task.) */
export function isSleeps(value: unknown): value is Sleeps<unknown> {
  return Object.prototype.toString.call(value) === '[object Generator]';
}

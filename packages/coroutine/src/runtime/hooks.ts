/**
 * Direct `Atomics` and typed array elements of transformed code (option `atomics`). An engine installs
 * its own; without one, transformed code does what the plain code does.
 *
 * A hook may answer YIELD, as a memory does; the site of the access is in `R.site`.
 */
export type AtomicsHooks = {
  readonly [name in keyof typeof Atomics]?: (...args: never[]) => unknown;
};

export interface ElementHooks {
  /** `array[index]`. Only called for objects that `owns` accepts. */
  get(array: object, index: PropertyKey): unknown;
  /** `array[index] = value`. */
  set(array: object, index: PropertyKey, value: unknown): unknown;
  /** Is this a typed array over memory that the engine controls? */
  owns(array: object): boolean;
}

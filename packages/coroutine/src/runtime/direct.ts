/** `Atomics.*` and `array[index]` of transformed code: an engine's hooks, or what the language does. */
import { R } from './registers.ts';

type AnyFunction = (...args: unknown[]) => unknown;

/** `Atomics[name](…args)`. */
export function atomic(name: string, ...args: unknown[]): unknown {
  const hooks = R.atomics as Record<string, AnyFunction | undefined> | undefined;
  const hook = hooks?.[name];
  return hook === undefined
    ? (Atomics as unknown as Record<string, AnyFunction>)[name]!(...args)
    : hook(...args);
}

/** `object[key]`. */
export function getElement(object: Record<PropertyKey, unknown>, key: PropertyKey): unknown {
  return R.elements?.owns(object) === true ? R.elements.get(object, key) : object[key];
}

/** `object[key] = value`. */
export function setElement(
  object: Record<PropertyKey, unknown>,
  key: PropertyKey,
  value: unknown,
): unknown {
  if (R.elements?.owns(object) === true) return R.elements.set(object, key, value);
  return (object[key] = value);
}

/** `object[key]` in a destructuring pattern: `[object[key]] = values` sets `value`. */
export function elementTarget(
  object: Record<PropertyKey, unknown>,
  key: PropertyKey,
): { value: unknown } {
  return {
    get value() {
      return getElement(object, key);
    },
    set value(value) {
      setElement(object, key, value);
    },
  };
}

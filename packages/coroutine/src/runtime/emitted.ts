/** Called by transformed code only. */
import { R } from './registers.ts';
import { generatorTwin, setPrototype, twin, twinOf } from './twin.ts';
import type { Coroutine, Twin } from './twin.ts';
import { lostAccess } from './uncontrolled.ts';

type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;

/** `fn`, if it can be called; `text` is the source of the callee. */
export function callable(fn: unknown, text: string): AnyFunction {
  if (typeof fn !== 'function') throw new TypeError(`${text} is not a function`);
  return fn as AnyFunction;
}

/** The result of a seam call that was no YIELD: of a memory that answered at once, or of no memory at all. */
export function settled<T>(value: T): T {
  R.site = 0;
  if (R.pending) throw lostAccess();
  return value;
}

/** `name` as the key that `[name]` means. */
export function propertyKey(name: unknown): PropertyKey {
  return Reflect.ownKeys({ [name as PropertyKey]: 0 })[0]!;
}

/** A tag that hands over what it was given. */
export function template(...values: unknown[]): unknown[] {
  return values;
}

const {
  call,
  apply,
  bind: nativeBind,
} = Function.prototype as unknown as Record<'call' | 'apply' | 'bind', AnyFunction>;

/** The twin of the found method `call`, `apply` or `bind`: of the built-ins, one that looks for the function's. */
export function methodTwin(method: unknown): Twin | undefined {
  if (method === call) return callTwin;
  if (method === apply) return applyTwin;
  if (method === nativeBind) return bindTwin;
  return twinOf(method);
}

const callTwin = function* (this: AnyFunction, thisArg: unknown, ...args: never[]): Coroutine {
  const found = twinOf(this);
  return found === undefined ? this.call(thisArg, ...args) : yield* found.apply(thisArg, args);
} as Twin;

const applyTwin = function* (this: AnyFunction, thisArg: unknown, args?: never[]): Coroutine {
  const found = twinOf(this);
  if (found === undefined) return this.apply(thisArg, args!);
  return yield* found.apply(thisArg, args ?? []);
} as Twin;

const bindTwin = function* (this: AnyFunction, ...args: unknown[]): Coroutine {
  return bind(this, ...args);
} as Twin;

/** `fn.bind(…args)`, where the bound function has the bound twin. */
export function bind(fn: AnyFunction, ...args: unknown[]): unknown {
  const own = (fn as { bind?: unknown } | null | undefined)?.bind;
  if (own !== nativeBind) return fn.bind(...(args as [unknown]));
  const bound = nativeBind.apply(fn, args) as AnyFunction;
  const found = twinOf(fn);
  if (found === undefined) return bound;
  return twin(bound, nativeBind.apply(found as AnyFunction, args) as Twin);
}

/** The twin body of a private generator method, which has no place of its own to be set up in. */
export function generatorBody(body: Twin, plain: AnyFunction): Twin {
  setPrototype(plain, body);
  return body;
}

/**
 * Gives object methods that use `super` their twins: name, is it a generator, and a function that makes the
 * twin with the given object as prototype of its home.
 */
export function twinsWithSuper(object: object, ...rows: unknown[]): object {
  for (let i = 0; i < rows.length; i += 3) {
    const [name, generator, make] = rows.slice(i, i + 3) as [string, 0 | 1, (home: object) => Twin];
    const found: unknown = Object.getOwnPropertyDescriptor(object, name)?.value;
    if (typeof found !== 'function') continue;
    const made = make(prototypeOf(object));
    const plain = found as AnyFunction;
    if (generator === 1) generatorTwin(plain, made);
    else twin(plain, made);
  }
  return object;
}

/** Whatever is the prototype of `object` by then: it is often set after the literal. */
function prototypeOf(object: object): object {
  const now = (): object => Object.getPrototypeOf(object) as object;
  return new Proxy(
    {},
    {
      get: (_, key, receiver) => Reflect.get(now(), key, receiver) as unknown,
      set: (_, key, value, receiver) => Reflect.set(now(), key, value, receiver),
      has: (_, key) => Reflect.has(now(), key),
    },
  );
}

/** Objects and arguments of calls: evaluated once, in order, and named afterwards. */
import type { Expression, SpreadElement, Super } from 'acorn';
import { isCalm, isRepeatable, isStable } from '../syntax/calm.ts';
import { emitOperand } from './context.ts';
import type { Context, Emitter, Temporaries } from './context.ts';

export type Argument = Expression | SpreadElement;
export type Emit = () => void;

/** `(a, b)`, or with `open` = ',': what follows a first argument. */
export function emitArguments(
  e: Emitter,
  args: readonly Argument[],
  context: Context,
  at: number,
  open = '(',
): void {
  let before = open;
  for (const arg of args) {
    e.out.write(before, arg.start);
    emitOperand(e, arg, context);
    before = ',';
  }
  e.out.write(before === ',' ? ')' : `${before})`, args.at(-1)?.end ?? at);
}

/** The object of a method call: evaluated once by `open`, named by `receiver` afterwards. */
export function stableReceiver(
  e: Emitter,
  object: Expression | Super,
  args: readonly Argument[],
  context: Context,
  temps: Temporaries,
): { open: Emit; receiver: Emit; taken: string | undefined } {
  const { out } = e;
  if (object.type === 'Super') {
    const receiver: Emit = () => out.write(context.lexical.this, object.start);
    return { open: () => out.write('super', object.start), receiver, taken: undefined };
  }
  const named = object.type === 'Identifier' && e.info.bindings.get(object) !== undefined;
  if (
    isStable(object, e.info.bindings) ||
    (named && args.every((arg) => isCalm(arg, e.info.atomics)))
  ) {
    // In parentheses: "16 .length" would become "16.length", which is no number.
    const number = object.type === 'Literal' && typeof object.value === 'number';
    const receiver: Emit = () => {
      if (number) out.write('(', object.start);
      e.emit(object, context);
      if (number) out.write(')', object.end);
    };
    return { open: receiver, receiver, taken: undefined };
  }
  const taken = temps.take();
  const open: Emit = () => {
    out.write(`(${taken}=`, object.start);
    emitOperand(e, object, context);
    out.write(')', object.end);
  };
  return { open, receiver: () => out.write(taken, object.start), taken };
}

/** The arguments, evaluated into temporaries where they must be; their names. */
export function planArguments(
  e: Emitter,
  args: readonly Argument[],
  context: Context,
  temps: Temporaries,
): { before: Emit[]; args: Emit[]; taken: string[] } {
  const before: Emit[] = [];
  const taken: string[] = [];
  const atOnce = args.every((arg) => isRepeatable(arg, e.info.atomics));
  const emits = args.map((arg): Emit => {
    if (atOnce || isStable(arg, e.info.bindings)) return () => emitOperand(e, arg, context);
    const spread = arg.type === 'SpreadElement';
    const temp = temps.take();
    taken.push(temp);
    before.push(() => {
      e.out.write(spread ? `${temp}=[...` : `${temp}=`, arg.start);
      emitOperand(e, arg.type === 'SpreadElement' ? arg.argument : arg, context);
      if (spread) e.out.write(']', arg.end);
    });
    return () => e.out.write(spread ? `...${temp}` : temp, arg.start);
  });
  return { before, args: emits, taken };
}

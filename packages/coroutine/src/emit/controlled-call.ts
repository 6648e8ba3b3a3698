/**
 * Calls in a twin. `o.m(x)` becomes
 *
 *   ((t = o.m)?.[TWIN] === undefined ? callable(t, "o.m").call(o, x) : yield* t[TWIN].call(o, x))
 *
 * and if `m` is a name of the seam, the plain branch is
 *
 *   (R.site = n, (t = callable(t, "o.m").call(o, x)) === YIELD ? yield YIELD : settled(t))
 *
 * Arguments that are short and call nothing stand in both branches. Others are evaluated before, into
 * temporaries, and then so is everything whose value they could change.
 */
import type { Node } from '../syntax/ast.ts';
import { emitAccess } from './access.ts';
import type { Context, Emitter, Temporaries } from './context.ts';
import { planArguments } from './operands.ts';
import type { Argument, Emit } from './operands.ts';
import { shorten } from './sites.ts';

/** A call in the middle of being emitted: what to evaluate first, and how to name what was. */
export interface CallParts {
  readonly node: Node;
  /** Where the error of a failing call points. */
  readonly at: number;
  readonly args: readonly Argument[];
  /** Evaluates the function; its value is also left in `fn`. */
  readonly load: Emit;
  readonly fn: string;
  /** `this` of the call; undefined: there is none. */
  readonly receiver: Emit | undefined;
  /** For the message of a call of something that is no function. */
  readonly text: string;
  readonly seam: boolean;
  /** A method called `call`, `apply` or `bind`. */
  readonly ofFunction: boolean;
}

export function emitControlledCall(
  e: Emitter,
  call: CallParts,
  context: Context,
  temps: Temporaries,
  loads = true,
): void {
  const { out } = e;
  const { at, fn, node, receiver } = call;
  const { before, args, taken } = planArguments(e, call.args, context, temps);
  const twin = e.names.use('TWIN');
  const write = (text: string): void => out.write(text, at);
  const found = call.ofFunction ? `${e.names.use('methodTwin')}(${fn})` : `${fn}[${twin}]`;
  const applied = (): void => {
    if (receiver === undefined) write('void 0');
    else receiver();
    for (const arg of args) {
      write(',');
      arg();
    }
    write(')');
  };
  write('(');
  if (before.length > 0) {
    call.load();
    for (const each of before) {
      write(',');
      each();
    }
    write(',');
  }
  if (call.ofFunction) write(`${e.names.use('methodTwin')}(`);
  if (before.length > 0 || !loads) write(fn);
  else call.load();
  write(call.ofFunction ? ')' : `?.[${twin}]`);
  write('===void 0?');
  const plain = (): void => {
    if (receiver === undefined && (before.length === 0 || !loads)) {
      write(`${fn}(`);
      for (const [i, arg] of args.entries()) {
        if (i > 0) write(',');
        arg();
      }
      write(')');
    } else {
      write(`${e.names.use('callable')}(${fn},${JSON.stringify(shorten(call.text))}).call(`);
      applied();
    }
  };
  if (call.seam) emitAccess(e, node, at, context, plain);
  else plain();
  write(`:yield* ${found}.call(`);
  applied();
  write(')');
  temps.give(...taken);
}

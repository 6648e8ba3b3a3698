/**
 * One shared access in a twin: the site is announced, and whoever is called may put the access off.
 *
 *   (R.site = n, (t = <call>) === YIELD ? yield YIELD : settled(t))
 */
import type { Node } from '../syntax/ast.ts';
import type { Context, Emitter } from './context.ts';

/** Writes a call that may answer YIELD, in a twin (plain code has no temporaries, and gets nothing). Its value is that of the access. */
export function emitAccess(
  e: Emitter,
  node: Node,
  at: number,
  context: Context,
  call: () => void,
): void {
  const { out } = e;
  const { temps } = context;
  if (temps === undefined) return;
  const site = e.sites.numberOf(node, at, context.label);
  const result = temps.take();
  const pending = e.names.use('YIELD');
  out.write(`(${e.names.use('R')}.site=${e.names.prefix}base+${site},(${result}=`, at);
  call();
  out.write(`)===${pending}?yield ${pending}:${e.names.use('settled')}(${result}))`, at);
  temps.give(result);
}

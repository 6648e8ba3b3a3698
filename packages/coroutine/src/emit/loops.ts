/**
 * `for…of` in a twin. What it iterates over may be a controlled generator, whose steps can be suspended:
 * `iterate` then makes something that hands out itself, which means "step me".
 *
 *   try {
 *     for (e of i = iterate(xs)) {
 *       if (e === i) { if (yield* i.step()) break; e = i.value; }
 *       const x = e;
 *       …
 *     }
 *   } catch (e) { if (wasLeft(i)) yield* i.close(true); throw e; }
 *   finally { if (wasLeft(i)) yield* i.close(false); }
 */
import type { ForOfStatement, Node } from 'acorn';
import { emitOperand } from './context.ts';
import type { Context, Emitter, Temporaries } from './context.ts';

/** Arrays are never controlled, and an array literal is surely one. */
export function isSteppedLoop(node: ForOfStatement): boolean {
  return !node.await && node.right.type !== 'ArrayExpression';
}

/** `labels`: source that stands before the loop, `name:` and so on. */
export function emitForOf(
  e: Emitter,
  node: ForOfStatement,
  context: Context,
  temps: Temporaries,
  labels: readonly Node[] = [],
): void {
  const { out } = e;
  const { left, right, body } = node;
  const at = node.start;
  const item = temps.take();
  const iterated = temps.take();
  out.write('try{', at);
  for (const label of labels) {
    out.copy(label.start, label.end);
    out.write(':', label.end);
  }
  out.write(`for(${item} of ${iterated}=${e.names.use('iterate')}(`, at);
  emitOperand(e, right, context);
  out.write(')){', right.end);
  out.write(`if(${item}===${iterated}){if(yield* ${iterated}.step())break;`, at);
  out.write(`${item}=${iterated}.value}`, at);
  if (left.type === 'VariableDeclaration') {
    out.copy(left.start, left.declarations[0]!.start);
    e.emit(left.declarations[0]!.id, context);
    out.write(`=${item};`, left.end);
  } else {
    out.write('(', left.start);
    e.emitTarget(left, context);
    out.write(`=${item});`, left.end);
  }
  e.emit(body, context);
  out.write('}}', node.end);
  const left_ = `if(${e.names.use('wasLeft')}(${iterated}))yield* ${iterated}.close(`;
  out.write(`catch(${item}){${left_}true);throw ${item}}finally{${left_}false)}`, at);
  temps.give(iterated, item);
}

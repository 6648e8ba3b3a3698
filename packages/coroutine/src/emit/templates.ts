/** Tagged templates in a twin. */
import type { TaggedTemplateExpression } from 'acorn';
import { isPlainGlobalCall } from '../syntax/functions.ts';
import { emitOperand } from './context.ts';
import type { Context, Emitter, Temporaries } from './context.ts';
import { stableReceiver } from './operands.ts';

/** The plain branch and the twin get the same strings: `template` hands them over with the values. */
export function emitTaggedTemplate(
  e: Emitter,
  node: TaggedTemplateExpression,
  context: Context,
  temps: Temporaries,
): void {
  const { tag, quasi } = node;
  if (isPlainGlobalCall(tag, e.info.bindings)) {
    e.emitChildren(node, context);
    return;
  }
  const { out } = e;
  const fn = temps.take();
  const values = temps.take();
  const twin = e.names.use('TWIN');
  out.write(`(${fn}=`, node.start);
  let object = 'void 0';
  let taken: string | undefined;
  if (tag.type === 'MemberExpression' && tag.object.type !== 'Super') {
    // Any value: the receiver must be a variable, because the values come between.
    const held = stableReceiver(e, tag.object, [], context, temps);
    taken = held.taken;
    object = taken ?? e.source.slice(tag.object.start, tag.object.end);
    if (tag.object.type === 'ThisExpression') object = context.lexical.this;
    held.open();
    out.write(tag.computed ? '[' : '.', tag.property.start);
    if (tag.computed) e.emit(tag.property, context);
    else out.copy(tag.property.start, tag.property.end);
    if (tag.computed) out.write(']', tag.property.end);
  } else {
    if (tag.type === 'MemberExpression') object = context.lexical.this;
    emitOperand(e, tag, context);
  }
  out.write(`,${values}=${e.names.use('template')}`, quasi.start);
  e.emit(quasi, context);
  const text = JSON.stringify(e.source.slice(tag.start, tag.end));
  out.write(
    `,${fn}?.[${twin}]===void 0?${e.names.use('callable')}(${fn},${text}).call(${object},...${values})` +
      `:yield* ${fn}[${twin}].call(${object},...${values}))`,
    node.start,
  );
  temps.give(taken, values, fn);
}

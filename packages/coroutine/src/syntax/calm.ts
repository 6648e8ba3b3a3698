/** What may be evaluated later, or written down twice. */
import { children, isClass, isFunction } from './ast.ts';
import type { Node } from './ast.ts';
import type { Bindings } from './scope.ts';

const STIRRING: ReadonlySet<string> = new Set([
  'CallExpression',
  'NewExpression',
  'TaggedTemplateExpression',
  'ImportExpression',
  'YieldExpression',
  'AwaitExpression',
  'AssignmentExpression',
  'UpdateExpression',
]);

/**
 * Does evaluating `node` run no other function and assign nothing? (But for getters.)
 * `elements`: are `array[index]` accesses?
 */
export function isCalm(node: Node, elements: boolean): boolean {
  if (isFunction(node)) return true;
  if (elements && node.type === 'MemberExpression' && node.computed) return false;
  if (STIRRING.has(node.type) || isClass(node)) return false;
  return children(node).every((child) => isCalm(child, elements));
}

const SHORT = 80;

/** Calm, and so short that both branches of a call may have it. */
export function isRepeatable(node: Node, elements: boolean): boolean {
  const repeats = (inner: Node): boolean => !isFunction(inner) && children(inner).every(repeats);
  return node.end - node.start <= SHORT && isCalm(node, elements) && repeats(node);
}

/** Has `node` the same value whatever runs in between? */
export function isStable(node: Node, bindings: Bindings): boolean {
  switch (node.type) {
    case 'Literal':
      return !('regex' in node);
    case 'ThisExpression':
      return true;
    case 'Identifier':
      return bindings.get(node)?.reassigned === false;
    default:
      return false;
  }
}

/** Is there a call, hence perhaps a suspension, in `node` itself (not in functions that it makes)? */
export function mayCall(node: Node, elements: boolean): boolean {
  if (isFunction(node)) return false;
  return (
    node.type === 'CallExpression' ||
    node.type === 'TaggedTemplateExpression' ||
    (elements && node.type === 'MemberExpression' && node.computed) ||
    children(node).some((child) => mayCall(child, elements))
  );
}

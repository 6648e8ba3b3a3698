/** The syntax tree of acorn, and walking it in source order. */
import type {
  AnonymousClassDeclaration,
  AnonymousFunctionDeclaration,
  AnyNode,
  ArrowFunctionExpression,
  ClassDeclaration,
  ClassExpression,
  FunctionDeclaration,
  FunctionExpression,
} from 'acorn';

export type Node = AnyNode;

export type FunctionNode =
  FunctionDeclaration | AnonymousFunctionDeclaration | FunctionExpression | ArrowFunctionExpression;

export type ClassNode = ClassDeclaration | ClassExpression | AnonymousClassDeclaration;

export function isFunction(node: Node): node is FunctionNode {
  return (
    node.type === 'FunctionDeclaration' ||
    node.type === 'FunctionExpression' ||
    node.type === 'ArrowFunctionExpression'
  );
}

export function isClass(node: Node): node is ClassNode {
  return node.type === 'ClassDeclaration' || node.type === 'ClassExpression';
}

function isNode(value: unknown): value is Node {
  return typeof (value as { type?: unknown } | null | undefined)?.type === 'string';
}

/** Where a node keeps its children once they are known: the tree is walked many times. */
const CHILDREN = Symbol('children');
type Known = Node & { [CHILDREN]?: readonly Node[] };

/** The children that stand in the source, first to last. `{a}` has one, not key and value. */
export function children(node: Node): readonly Node[] {
  const before = (node as Known)[CHILDREN];
  if (before !== undefined) return before;
  const found: Node[] = [];
  for (const value of Object.values(node) as unknown[]) {
    if (Array.isArray(value)) found.push(...(value as unknown[]).filter(isNode));
    else if (isNode(value)) found.push(value);
  }
  const ordered =
    node.type === 'Property' && node.shorthand
      ? [node.value]
      : found.sort((a, b) => a.start - b.start);
  (node as Known)[CHILDREN] = ordered;
  return ordered;
}

/** Names that a pattern (parameter, declaration) binds. */
export function boundNames(pattern: Node | null | undefined): string[] {
  switch (pattern?.type) {
    case 'Identifier':
      return [pattern.name];
    case 'ObjectPattern':
      return pattern.properties.flatMap((p) =>
        boundNames(p.type === 'RestElement' ? p.argument : p.value),
      );
    case 'ArrayPattern':
      return pattern.elements.flatMap(boundNames);
    case 'AssignmentPattern':
      return boundNames(pattern.left);
    case 'RestElement':
      return boundNames(pattern.argument);
    default:
      return [];
  }
}

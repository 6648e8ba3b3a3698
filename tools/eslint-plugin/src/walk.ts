import type { TSESTree } from '@typescript-eslint/utils';
import { AST_NODE_TYPES } from '@typescript-eslint/utils';

export type FunctionNode =
  TSESTree.ArrowFunctionExpression | TSESTree.FunctionDeclaration | TSESTree.FunctionExpression;

export function isFunction(node: TSESTree.Node): node is FunctionNode {
  return (
    node.type === AST_NODE_TYPES.ArrowFunctionExpression ||
    node.type === AST_NODE_TYPES.FunctionDeclaration ||
    node.type === AST_NODE_TYPES.FunctionExpression
  );
}

function isNode(value: unknown): value is TSESTree.Node {
  return typeof value === 'object' && value !== null && 'type' in value;
}

/** `node` and everything below it that runs with it: functions defined inside are left out. */
export function* runsWith(node: TSESTree.Node): Generator<TSESTree.Node> {
  yield node;
  if (isFunction(node)) return;
  for (const [key, child] of Object.entries(node) as [string, unknown][]) {
    if (key === 'parent') continue;
    for (const one of Array.isArray(child) ? (child as unknown[]) : [child]) {
      if (isNode(one)) yield* runsWith(one);
    }
  }
}

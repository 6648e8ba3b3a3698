/**
 * Shared memory only through the seam.
 *
 * An access that goes around `Memory` cannot be scheduled, raced or charged by the controlled
 * clocks, so a race there is one that the explorer never finds. Outside packages/memory this
 * rule refuses `Atomics`, the making of shared memory, and views over memory that is or may be
 * shared. A view over a plain `ArrayBuffer` is fine.
 */
import { AST_NODE_TYPES } from '@typescript-eslint/utils';
import type { TSESTree } from '@typescript-eslint/utils';
import type * as ts from 'typescript';
import { createRule, typesOf } from '../create-rule.ts';
import { lastName } from '../seam.ts';

const VIEWS =
  /^(Int8|Uint8|Uint8Clamped|Int16|Uint16|Int32|Uint32|Float16|Float32|Float64|BigInt64|BigUint64)Array$|^DataView$/;

export const seamOnly = createRule({
  name: 'seam-only',
  meta: {
    type: 'problem',
    docs: { description: 'Shared memory is reached through the seam (Memory) only' },
    schema: [],
    messages: {
      atomics: 'Atomics goes around the seam: use the accesses of Memory (cpu.memory.load, …)',
      makes: '{{what}} makes shared memory outside the seam: use createMemory of @percpu/memory',
      view: 'This {{what}} looks at memory that may be shared: use the accesses of Memory',
    },
  },
  create(context) {
    const types = typesOf(context);

    /** The global of that name, or undefined when a local of the file has the same name. */
    function isGlobal(node: TSESTree.Node, name: string): boolean {
      if (node.type === AST_NODE_TYPES.MemberExpression) {
        return lastName(node) === name && isGlobal(node.object, 'globalThis');
      }
      if (node.type !== AST_NODE_TYPES.Identifier || node.name !== name) return false;
      for (
        let scope: ReturnType<typeof context.sourceCode.getScope> | null =
          context.sourceCode.getScope(node);
        scope !== null;
        scope = scope.upper
      ) {
        if ((scope.set.get(name)?.defs.length ?? 0) > 0) return false;
      }
      return true;
    }

    function mayBeShared(node: TSESTree.Node): boolean {
      if (types === undefined) return lastName(node) === 'buffer';
      if (node.type === AST_NODE_TYPES.MemberExpression && lastName(node) === 'buffer') {
        // lib.dom calls the buffer of a WebAssembly.Memory an ArrayBuffer even when it is shared.
        if (types.getTypeAtLocation(node.object).getSymbol()?.name === 'Memory') return true;
      }
      return hasShared(types.getTypeAtLocation(node));
    }

    function isBuiltIn(node: TSESTree.Node, ...path: string[]): boolean {
      const [name, ...outer] = path.toReversed();
      if (name === undefined) return false;
      if (outer.length === 0) return isGlobal(node, name);
      return (
        node.type === AST_NODE_TYPES.MemberExpression &&
        lastName(node) === name &&
        isBuiltIn(node.object, ...outer.toReversed())
      );
    }

    return {
      Identifier(node) {
        if (node.name !== 'Atomics' || !isValue(node)) return;
        const whole = isMemberName(node) ? node.parent : node;
        if (isGlobal(whole, 'Atomics')) context.report({ node, messageId: 'atomics' });
      },
      NewExpression(node) {
        for (const path of [['SharedArrayBuffer'], ['WebAssembly', 'Memory']]) {
          if (isBuiltIn(node.callee, ...path)) {
            context.report({ node, messageId: 'makes', data: { what: path.join('.') } });
          }
        }
        const view = lastName(node.callee);
        const over = node.arguments[0];
        if (view !== undefined && VIEWS.test(view) && over !== undefined && mayBeShared(over)) {
          context.report({ node, messageId: 'view', data: { what: view } });
        }
      },
      CallExpression(node) {
        const over = node.arguments[0];
        if (over !== undefined && isBuiltIn(node.callee, 'Buffer', 'from') && mayBeShared(over)) {
          context.report({ node, messageId: 'view', data: { what: 'Buffer' } });
        }
      },
    };
  },
});

/** `any` and `unknown` may be anything, so they may be shared. Views and arrays are copied from. */
function hasShared(type: ts.Type): boolean {
  const ANY_OR_UNKNOWN = 3; // ts.TypeFlags.Any | ts.TypeFlags.Unknown
  if ((type.flags & ANY_OR_UNKNOWN) !== 0) return true;
  if (type.isUnionOrIntersection()) return type.types.some(hasShared);
  return type.getSymbol()?.name === 'SharedArrayBuffer';
}

function isMemberName(
  node: TSESTree.Identifier,
): node is TSESTree.Identifier & { parent: TSESTree.MemberExpression } {
  const parent = node.parent;
  return (
    parent.type === AST_NODE_TYPES.MemberExpression && parent.property === node && !parent.computed
  );
}

/** `typeof Atomics` in a type, a key `{ Atomics: … }` and an import name are no uses. */
function isValue(node: TSESTree.Identifier): boolean {
  const parent = node.parent;
  if (parent.type === AST_NODE_TYPES.TSTypeQuery) return false;
  if (parent.type === AST_NODE_TYPES.TSTypeReference) return false;
  if (parent.type === AST_NODE_TYPES.Property) return parent.value === node;
  return true;
}

/**
 * No mutable state at module level.
 *
 * Under the controlled clocks all CPUs of a machine, and several machines one after another, share
 * one instance of every module. State there leaks between them, and what leaks is not in shared
 * memory where it could be seen. State belongs to a machine (an allocation), a CPU (`cpu.use`), or
 * a function.
 *
 * Refused at the top level, and in static fields:
 *
 *   let, var                          whatever the value
 *   const … = a container             unless its type is read-only through and through:
 *                                     `as const`, `Object.freeze`, or an annotation such as
 *                                     `readonly T[]`, `ReadonlyMap`, `ArrayLike<number>`
 *   const … = new Anything()          of a class that can change
 *   const … = /…/g                    a regular expression with `g` or `y` remembers a position
 *
 * Allowed: primitives, functions, classes, imports. A closure over a variable of a function that is
 * called at the top level is state as well; such a call is refused if it returns a function.
 */
import { AST_NODE_TYPES } from '@typescript-eslint/utils';
import type { TSESTree } from '@typescript-eslint/utils';
import { createRule, typesOf } from '../create-rule.ts';
import { whyMutable } from '../mutability.ts';
import { isFunction } from '../walk.ts';

/** For files without types: expressions that make a container. */
const CONTAINERS: ReadonlySet<string> = new Set([
  AST_NODE_TYPES.ArrayExpression,
  AST_NODE_TYPES.NewExpression,
  AST_NODE_TYPES.ObjectExpression,
]);

export const noModuleState = createRule({
  name: 'no-module-state',
  meta: {
    type: 'problem',
    docs: { description: 'No mutable state at module level' },
    schema: [],
    messages: {
      variable: 'Module state: {{name}} can be assigned. Use const, or keep it in a machine or CPU',
      container:
        'Module state: {{name}} can change ({{why}}). Make its type read-only, or keep it in a ' +
        'machine or CPU',
      regexp: 'Module state: {{name}} remembers a position (flag g or y). Make it where it is used',
      closure: 'Module state: {{name}} is a function that may keep variables of its maker',
    },
  },
  create(context) {
    const types = typesOf(context);

    function checkValue(
      node: TSESTree.Node,
      name: string,
      value: TSESTree.Expression | null,
    ): void {
      if (value === null) return;
      const made = withoutTypes(value);
      if (isFunction(made) || made.type === AST_NODE_TYPES.ClassExpression) return;
      if (made.type === AST_NODE_TYPES.Literal && 'regex' in made) {
        if (/[gy]/.test(made.regex.flags)) {
          context.report({ node, messageId: 'regexp', data: { name } });
        }
        return;
      }
      if (types === undefined) {
        if (CONTAINERS.has(made.type)) {
          const why = 'no types are known here';
          context.report({ node, messageId: 'container', data: { name, why } });
        }
        return;
      }
      const type = types.getTypeAtLocation(node);
      const callable = type.getCallSignatures().length > 0;
      if (callable && made.type === AST_NODE_TYPES.CallExpression && isFunction(made.callee)) {
        context.report({ node, messageId: 'closure', data: { name } });
        return;
      }
      const why = whyMutable(type, types.program);
      if (why !== undefined) {
        context.report({ node, messageId: 'container', data: { name, why } });
      }
    }

    return {
      VariableDeclaration(node) {
        if (!isTopLevel(node) || node.declare) return;
        for (const declarator of node.declarations) {
          for (const variable of context.sourceCode.getDeclaredVariables(declarator)) {
            const id = variable.identifiers[0];
            const name = variable.name;
            if (id === undefined) continue;
            if (node.kind === 'const') checkValue(id, name, declarator.init);
            else context.report({ node: id, messageId: 'variable', data: { name } });
          }
        }
      },
      PropertyDefinition(node) {
        if (!node.static) return;
        const name = context.sourceCode.getText(node.key);
        if (!node.readonly) {
          context.report({ node, messageId: 'variable', data: { name } });
        } else {
          checkValue(node.key, name, node.value);
        }
      },
      ExportDefaultDeclaration(node) {
        const value = node.declaration;
        if (
          value.type === AST_NODE_TYPES.FunctionDeclaration ||
          value.type === AST_NODE_TYPES.ClassDeclaration ||
          value.type === AST_NODE_TYPES.Identifier ||
          value.type.startsWith('TS')
        ) {
          return;
        }
        checkValue(value, 'the default export', value as TSESTree.Expression);
      },
    };
  },
});

function isTopLevel(node: TSESTree.VariableDeclaration): boolean {
  const parent = node.parent;
  return (
    parent.type === AST_NODE_TYPES.Program || parent.type === AST_NODE_TYPES.ExportNamedDeclaration
  );
}

function withoutTypes(node: TSESTree.Expression): TSESTree.Expression {
  switch (node.type) {
    case AST_NODE_TYPES.TSAsExpression:
    case AST_NODE_TYPES.TSSatisfiesExpression:
    case AST_NODE_TYPES.TSNonNullExpression:
    case AST_NODE_TYPES.TSTypeAssertion:
      return withoutTypes(node.expression);
    default:
      return node;
  }
}

/**
 * No shared access where a coroutine cannot yield.
 *
 * Under the controlled clocks every function of ours becomes a generator when it is loaded, and a
 * shared access is where it yields. A constructor, a getter, a field initialiser, and a callback
 * that a built-in calls (`map`, `sort`, `new Promise`, …) cannot be generators. So none of them
 * calls the memory, a CPU, or a function that is given one of them.
 *
 * `readOwn` and `writeOwn` are allowed: they are no scheduling points. A named function handed to
 * a built-in (`list.forEach(unlock)`) is not seen.
 */
import { AST_NODE_TYPES } from '@typescript-eslint/utils';
import type { ParserServicesWithTypeInformation, TSESTree } from '@typescript-eslint/utils';
import { createRule, typesOf } from '../create-rule.ts';
import { isCpu, isMemory, lastName, sharedAccess } from '../seam.ts';
import { isFunction } from '../walk.ts';
import type { FunctionNode } from '../walk.ts';

/** Used where a file has no types: built-in methods that call a function they are given. */
const CALLS_BACK =
  /^(map|forEach|filter|some|every|find|findIndex|findLast|findLastIndex|flatMap|reduce|reduceRight|sort|toSorted|from|then|catch|finally|replace|replaceAll)$/;

/** Methods that the language itself calls. */
const CALLED_BY_THE_LANGUAGE = /^(toString|valueOf|toJSON)$/;

export const noAccessInUncontrolledPlace = createRule({
  name: 'no-access-in-uncontrolled-place',
  meta: {
    type: 'problem',
    docs: { description: 'No shared access where a coroutine cannot yield' },
    schema: [],
    messages: {
      access:
        '{{what}} in {{place}}: under the controlled clocks this yields, and {{place}} cannot. ' +
        'Use a plain method or loop',
    },
  },
  create(context) {
    const types = typesOf(context);

    /** What about this call needs the seam; undefined if nothing does. */
    function needsSeam(node: TSESTree.CallExpression): string | undefined {
      const callee = node.callee;
      const access = sharedAccess(node, types);
      if (access !== undefined) return `memory.${access}()`;
      if (callee.type === AST_NODE_TYPES.MemberExpression && isCpu(callee.object, types)) {
        return `cpu.${lastName(callee) ?? '[…]'}()`;
      }
      const name = lastName(callee) ?? 'a function';
      for (const argument of node.arguments) {
        if (isCpu(argument, types)) return `${name}(cpu)`;
        if (isMemory(argument, types)) return `${name}(memory)`;
      }
      return undefined;
    }

    return {
      CallExpression(node) {
        if (node.callee.type === AST_NODE_TYPES.Super) return;
        const place = uncontrolledPlace(node, types);
        if (place === undefined) return;
        const what = needsSeam(node);
        if (what !== undefined) {
          context.report({ node, messageId: 'access', data: { what, place } });
        }
      },
    };
  },
});

type Types = ParserServicesWithTypeInformation | undefined;

/** The innermost function around `node`, if it is one that cannot yield: said in words. */
function uncontrolledPlace(node: TSESTree.Node, types: Types): string | undefined {
  for (let at = node; at.type !== AST_NODE_TYPES.Program; at = at.parent) {
    const up = at.parent;
    if (up.type === AST_NODE_TYPES.StaticBlock) return 'a static block';
    if (up.type === AST_NODE_TYPES.PropertyDefinition && up.value === at && !isFunction(at)) {
      return 'a field initialiser';
    }
    if (isFunction(up)) return whyUncontrolled(up, types);
  }
  return undefined;
}

function whyUncontrolled(fn: FunctionNode, types: Types): string | undefined {
  const parent = fn.parent;
  switch (parent.type) {
    case AST_NODE_TYPES.MethodDefinition:
    case AST_NODE_TYPES.Property:
      if (parent.kind === 'constructor') return 'a constructor';
      if (parent.kind === 'get') return 'a getter';
      if (parent.kind === 'set') return 'a setter';
      return parent.value === fn ? calledByTheLanguage(parent) : undefined;
    case AST_NODE_TYPES.CallExpression:
    case AST_NODE_TYPES.NewExpression:
      if (parent.callee === fn || !isBuiltIn(parent, types)) return undefined;
      return `a callback of the built-in ${lastName(parent.callee) ?? 'function'}`;
    default:
      return undefined;
  }
}

function calledByTheLanguage(
  method: TSESTree.MethodDefinition | TSESTree.Property,
): string | undefined {
  if (method.computed) {
    const isSymbol =
      method.key.type === AST_NODE_TYPES.MemberExpression &&
      lastName(method.key.object) === 'Symbol';
    return isSymbol ? `[Symbol.${lastName(method.key) ?? '…'}]` : undefined;
  }
  const name = lastName(method.key) ?? '';
  return CALLED_BY_THE_LANGUAGE.test(name) ? `${name}()` : undefined;
}

/** Is the function called here one of the language or the host, not one of ours? */
function isBuiltIn(call: TSESTree.CallExpression | TSESTree.NewExpression, types: Types): boolean {
  if (types === undefined) {
    const name = lastName(call.callee) ?? '';
    return (
      CALLS_BACK.test(name) || (call.type === AST_NODE_TYPES.NewExpression && name === 'Promise')
    );
  }
  const checker = types.program.getTypeChecker();
  const signature = checker.getResolvedSignature(types.esTreeNodeToTSNodeMap.get(call));
  const file = signature?.declaration?.getSourceFile();
  if (file === undefined) return false;
  return types.program.isSourceFileDefaultLibrary(file) || file.fileName.includes('/@types/node/');
}

/** How a rule recognises the seam: by the names of its accesses and of what they are called on. */
import { AST_NODE_TYPES } from '@typescript-eslint/utils';
import type { ParserServicesWithTypeInformation, TSESTree } from '@typescript-eslint/utils';

const ATOMIC = /^(load|store|exchange|compareExchange|fetch(Add|And|Or|Xor))(8|16|64|Big64)?$/;
const ATOMIC_READ = /^(load|exchange|compareExchange|fetch(Add|And|Or|Xor))(8|16|64|Big64)?$/;
const PLAIN = /^((read|write)(Signed|8|16|64|F64)?|copy|fill)$/;
const BLOCKING = /^(wait|notify|delay)$/;

type Types = ParserServicesWithTypeInformation | undefined;

/** The name after the last dot, or the identifier itself; undefined for `x[y]` and the like. */
export function lastName(node: TSESTree.Node): string | undefined {
  switch (node.type) {
    case AST_NODE_TYPES.Identifier:
    case AST_NODE_TYPES.PrivateIdentifier:
      return node.name;
    case AST_NODE_TYPES.MemberExpression:
      return node.computed ? undefined : lastName(node.property);
    case AST_NODE_TYPES.TSNonNullExpression:
    case AST_NODE_TYPES.TSAsExpression:
      return lastName(node.expression);
    default:
      return undefined;
  }
}

function typeNames(node: TSESTree.Node, types: Types): string[] {
  if (types === undefined) return [];
  const type = types.getTypeAtLocation(node);
  const parts = type.isUnionOrIntersection() ? type.types : [type];
  return parts.map((part) => (part.aliasSymbol ?? part.getSymbol())?.name ?? '');
}

/** Is this the machine's memory: called `memory`, or of a type whose name ends in `Memory`? */
export function isMemory(node: TSESTree.Node, types: Types): boolean {
  if (lastName(node) === 'memory') return true;
  return typeNames(node, types).some((name) => name.endsWith('Memory'));
}

/** Is this a CPU: called `cpu`, or of a type whose name ends in `Cpu`? */
export function isCpu(node: TSESTree.Node, types: Types): boolean {
  if (lastName(node) === 'cpu') return true;
  return typeNames(node, types).some((name) => name.endsWith('Cpu'));
}

/** The name of the access if `node` is one that another CPU can notice: `memory.load` and so on. */
export function sharedAccess(node: TSESTree.CallExpression, types: Types): string | undefined {
  if (node.callee.type !== AST_NODE_TYPES.MemberExpression) return undefined;
  const name = lastName(node.callee);
  if (name === undefined) return undefined;
  if (!ATOMIC.test(name) && !PLAIN.test(name) && !BLOCKING.test(name)) return undefined;
  return isMemory(node.callee.object, types) ? name : undefined;
}

/** The name of the access if it returns what another CPU may change meanwhile. */
export function atomicRead(node: TSESTree.CallExpression, types: Types): string | undefined {
  const name = sharedAccess(node, types);
  return name !== undefined && ATOMIC_READ.test(name) ? name : undefined;
}

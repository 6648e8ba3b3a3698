/**
 * Shared accesses that cannot be suspended where they stand. Only what is plain to see: a receiver whose name
 * says that it is the memory. All else is caught when it happens. Async functions are the host's side: they
 * run as plain code, and are caught like it if they come to a simulated memory.
 */
import type { CallExpression, Program } from 'acorn';
import { children, isClass, isFunction } from './ast.ts';
import type { Node } from './ast.ts';
import { isSeamCall } from './functions.ts';
import { CALLING_BACK } from './seam-names.ts';

const MEMORIES: ReadonlySet<string> = new Set(['memory', 'mem', 'm']);

/** `machine.memory` is what the host holds, outside of all CPUs. */
const HOST = 'machine';

function isMemory(node: Node): boolean {
  if (node.type === 'Identifier') return MEMORIES.has(node.name);
  return (
    node.type === 'MemberExpression' &&
    !node.computed &&
    node.property.type === 'Identifier' &&
    node.property.name === 'memory' &&
    !(node.object.type === 'Identifier' && node.object.name === HOST)
  );
}

/** The built-in method that a function literal among the arguments of `call` is given to. */
function builtInOf({ callee }: CallExpression): string | undefined {
  if (callee.type !== 'MemberExpression' || callee.computed) return undefined;
  if (callee.property.type !== 'Identifier') return undefined;
  return CALLING_BACK.has(callee.property.name) ? callee.property.name : undefined;
}

export type Refuse = (message: string, at: number) => never;

/** Calls `refuse` for the first access in a place that nobody can suspend. */
export function refuseUncontrolled(program: Program, source: string, refuse: Refuse): void {
  visitChildren(program, undefined);

  function visitChildren(node: Node, place: string | undefined): void {
    for (const child of children(node)) visit(child, place);
  }

  function visitMember(key: Node, computed: boolean, outer: string | undefined): void {
    if (computed) visit(key, outer);
  }

  function visit(node: Node, place: string | undefined): void {
    if (isFunction(node)) {
      visitChildren(node, undefined);
      return;
    }
    if (isClass(node)) {
      if (node.superClass) visit(node.superClass, place);
      for (const element of node.body.body) {
        if (element.type === 'StaticBlock') {
          visitChildren(element, 'a static block');
          continue;
        }
        visitMember(element.key, element.computed, place);
        if (element.type === 'PropertyDefinition') {
          if (element.value) visit(element.value, 'a field initialiser');
        } else if (element.kind === 'method') visit(element.value, undefined);
        else visitChildren(element.value, kindName(element.kind));
      }
      return;
    }
    if (node.type === 'Property' && node.kind !== 'init') {
      visitMember(node.key, node.computed, place);
      visitChildren(node.value, kindName(node.kind));
      return;
    }
    if (node.type === 'CallExpression') {
      if (place !== undefined && isSeamCall(node) && isMemory(node.callee.object)) {
        refuse(
          `shared access ${source.slice(node.callee.start, node.callee.end)}() in ${place}, which cannot be ` +
            'suspended; accepted are functions and methods that transformed code calls itself',
          node.callee.property.start,
        );
      }
      const builtIn = builtInOf(node);
      visit(node.callee, place);
      for (const arg of node.arguments) {
        if (builtIn !== undefined && isFunction(arg) && !arg.generator && !arg.async) {
          visitChildren(arg, `a callback of ${builtIn}()`);
        } else {
          visit(arg, place);
        }
      }
      return;
    }
    visitChildren(node, place);
  }
}

function kindName(kind: string): string {
  if (kind === 'get') return 'a getter';
  return kind === 'set' ? 'a setter' : 'a constructor';
}

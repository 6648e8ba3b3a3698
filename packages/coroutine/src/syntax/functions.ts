/**
 * Which functions of a module get a twin: those that may come to a shared access, as far as one module can tell.
 * A call of something unknown may; a call of a function of this module does if that function may.
 */
import type { CallExpression, MemberExpression, Program } from 'acorn';
import { children, isClass, isFunction } from './ast.ts';
import type { ClassNode, FunctionNode, Node } from './ast.ts';
import type { Binding, Bindings } from './scope.ts';
import { PLAIN_GLOBALS, SEAM_NAMES } from './seam-names.ts';

/** Where a function stands, if that is a place nobody can suspend. */
export type Uncontrolled = 'getter' | 'setter' | 'constructor' | 'async function';

export interface FunctionInfo {
  readonly node: FunctionNode;
  readonly uncontrolled: Uncontrolled | undefined;
  /** Functions of this module that it calls. */
  readonly calls: Set<FunctionNode>;
  /** Of the function itself, or of arrow functions in it. */
  usesThis: boolean;
  usesArguments: boolean;
  usesSuper: boolean;
  usesNewTarget: boolean;
  hasTwin: boolean;
}

export interface ModuleInfo {
  readonly functions: ReadonlyMap<FunctionNode, FunctionInfo>;
  readonly bindings: Bindings;
  /** Are `Atomics.*` and `array[index]` shared accesses? */
  readonly atomics: boolean;
}

/** `Math.max(…)`, `parseInt(…)`: nothing of ours runs in it. */
export function isPlainGlobalCall(callee: Node, bindings: Bindings): boolean {
  const root = callee.type === 'MemberExpression' ? callee.object : callee;
  return (
    root.type === 'Identifier' && bindings.get(root) === undefined && PLAIN_GLOBALS.has(root.name)
  );
}

/** The function of this module that a call of `callee` surely calls. */
export function knownCallee(callee: Node, bindings: Bindings): Binding | undefined {
  if (callee.type !== 'Identifier') return undefined;
  const binding = bindings.get(callee);
  if (binding === undefined || binding.reassigned || binding.fn === undefined) return undefined;
  return binding.fn.async ? undefined : binding;
}

/** `memory.load(…)`; or `memory[name](…)`, where nobody knows. */
export function isSeamCall(
  node: CallExpression,
): node is CallExpression & { callee: MemberExpression } {
  const { callee } = node;
  if (callee.type !== 'MemberExpression') return false;
  if (callee.computed) return true;
  return callee.property.type === 'Identifier' && SEAM_NAMES.has(callee.property.name);
}

/** `Atomics.load(…)`, with the option `atomics`. */
export function isAtomicsCall(callee: Node, bindings: Bindings): boolean {
  return (
    callee.type === 'MemberExpression' &&
    !callee.computed &&
    callee.object.type === 'Identifier' &&
    callee.object.name === 'Atomics' &&
    bindings.get(callee.object) === undefined
  );
}

export function analyze(program: Program, bindings: Bindings, atomics: boolean): ModuleInfo {
  const functions = new Map<FunctionNode, FunctionInfo>();
  visitChildren(program, undefined);
  propagate(functions);
  return { functions, bindings, atomics };

  function visitChildren(node: Node, owner: FunctionInfo | undefined): void {
    for (const child of children(node)) visit(child, owner);
  }

  function enter(
    node: FunctionNode,
    owner: FunctionInfo | undefined,
    uncontrolled?: Uncontrolled,
  ): void {
    const info: FunctionInfo = {
      node,
      uncontrolled: node.async ? 'async function' : uncontrolled,
      calls: new Set(),
      usesThis: false,
      usesArguments: false,
      usesSuper: false,
      usesNewTarget: false,
      hasTwin: false,
    };
    functions.set(node, info);
    visitChildren(node, info);
    if (info.uncontrolled !== undefined) {
      info.hasTwin = false;
      info.calls.clear();
    }
    if (node.type === 'ArrowFunctionExpression' && owner !== undefined) {
      owner.usesThis ||= info.usesThis;
      owner.usesArguments ||= info.usesArguments;
      owner.usesSuper ||= info.usesSuper;
      owner.usesNewTarget ||= info.usesNewTarget;
    }
  }

  function visitClass(node: ClassNode, owner: FunctionInfo | undefined): void {
    if (node.superClass) visit(node.superClass, owner);
    for (const element of node.body.body) {
      if (element.type === 'StaticBlock') {
        visitChildren(element, undefined);
        continue;
      }
      if (element.computed) visit(element.key, owner);
      if (element.type === 'PropertyDefinition') {
        if (element.value) visit(element.value, undefined);
      } else {
        enter(element.value, undefined, uncontrolledKind(element.kind));
      }
    }
  }

  function call(callee: Node, owner: FunctionInfo): void {
    if (atomics && isAtomicsCall(callee, bindings)) owner.hasTwin = true;
    if (callee.type === 'Super' || isPlainGlobalCall(callee, bindings)) return;
    const known = knownCallee(callee, bindings)?.fn;
    if (known === undefined) owner.hasTwin = true;
    else owner.calls.add(known);
  }

  function visit(node: Node, owner: FunctionInfo | undefined): void {
    if (isFunction(node)) {
      enter(node, owner);
      return;
    }
    if (isClass(node)) {
      visitClass(node, owner);
      return;
    }
    if (node.type === 'Property' && node.kind !== 'init' && isFunction(node.value)) {
      if (node.computed) visit(node.key, owner);
      enter(node.value, undefined, uncontrolledKind(node.kind));
      return;
    }
    if (owner !== undefined) note(node, owner);
    visitChildren(node, owner);
  }

  function note(node: Node, owner: FunctionInfo): void {
    switch (node.type) {
      case 'ThisExpression':
        owner.usesThis = true;
        return;
      case 'Super':
        owner.usesSuper = true;
        owner.usesThis = true;
        return;
      case 'MetaProperty':
        owner.usesNewTarget ||= node.meta.name === 'new';
        return;
      case 'Identifier':
        if (node.name === 'arguments') owner.usesArguments = true;
        return;
      case 'CallExpression':
        call(node.callee, owner);
        return;
      case 'TaggedTemplateExpression':
        call(node.tag, owner);
        return;
      case 'YieldExpression':
        // The generator that is delegated to may be a controlled one.
        if (node.delegate) owner.hasTwin = true;
        return;
      case 'ForOfStatement':
        if (node.right.type !== 'ArrayExpression') owner.hasTwin = true;
        return;
      case 'MemberExpression':
        if (atomics && node.computed) owner.hasTwin = true;
        return;
      default:
    }
  }
}

function uncontrolledKind(kind: string): Uncontrolled | undefined {
  if (kind === 'get') return 'getter';
  if (kind === 'set') return 'setter';
  return kind === 'constructor' ? 'constructor' : undefined;
}

/** Who calls a function with a twin has one. */
function propagate(functions: ReadonlyMap<FunctionNode, FunctionInfo>): void {
  for (let changed = true; changed;) {
    changed = false;
    for (const info of functions.values()) {
      if (info.hasTwin || info.uncontrolled !== undefined) continue;
      info.hasTwin = [...info.calls].some((callee) => functions.get(callee)?.hasTwin === true);
      changed ||= info.hasTwin;
    }
  }
}

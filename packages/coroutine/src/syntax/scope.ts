/** Which declaration a name means. Enough for strict code: no `with`, no `eval` that declares. */
import type { Identifier, Program } from 'acorn';
import { boundNames, children, isClass, isFunction } from './ast.ts';
import type { FunctionNode, Node } from './ast.ts';

export interface Binding {
  readonly name: string;
  /** The function that the name was declared with: `function f`, `const f = () => …`. */
  readonly fn: FunctionNode | undefined;
  /** Is `fn` a declaration, hence there from the start of its block? */
  readonly hoisted: boolean;
  /** May it get another value than the one that it was declared with? */
  reassigned: boolean;
}

class Scope {
  readonly parent: Scope | undefined;
  readonly bindings = new Map<string, Binding>();

  constructor(parent?: Scope) {
    this.parent = parent;
  }

  declare(name: string, fn?: FunctionNode, hoisted = false): void {
    const twice = this.bindings.has(name);
    this.bindings.set(name, { name, fn, hoisted, reassigned: twice });
  }

  find(name: string): Binding | undefined {
    return this.bindings.get(name) ?? this.parent?.find(name);
  }
}

/** For each identifier that is used as a value or written to: its binding; none for a global. */
export type Bindings = ReadonlyMap<Identifier, Binding | undefined>;

export function resolve(program: Program): Bindings {
  const resolved = new Map<Identifier, Binding | undefined>();
  visitAll(program.body, blockScope(program.body, new Scope(), true));
  return resolved;

  function use(node: Identifier, scope: Scope): void {
    resolved.set(node, scope.find(node.name));
  }

  function write(pattern: Node, scope: Scope): void {
    switch (pattern.type) {
      case 'Identifier': {
        const binding = scope.find(pattern.name);
        if (binding !== undefined) binding.reassigned = true;
        use(pattern, scope);
        return;
      }
      case 'ObjectPattern':
        for (const p of pattern.properties) {
          if (p.type === 'Property' && p.computed) visit(p.key, scope);
          write(p.type === 'RestElement' ? p.argument : p.value, scope);
        }
        return;
      case 'ArrayPattern':
        for (const element of pattern.elements) if (element !== null) write(element, scope);
        return;
      case 'AssignmentPattern':
        write(pattern.left, scope);
        visit(pattern.right, scope);
        return;
      case 'RestElement':
        write(pattern.argument, scope);
        return;
      default:
        visit(pattern, scope);
    }
  }

  function visitAll(nodes: readonly (Node | null)[], scope: Scope): void {
    for (const node of nodes) if (node !== null) visit(node, scope);
  }

  function visitFunction(node: FunctionNode, outer: Scope): void {
    let scope = new Scope(outer);
    if (node.type === 'FunctionExpression' && node.id) {
      scope.declare(node.id.name);
      scope = new Scope(scope);
    }
    if (node.type !== 'ArrowFunctionExpression') scope.declare('arguments');
    for (const param of node.params) for (const name of boundNames(param)) scope.declare(name);
    // A declaration is bound in this scope; nothing of a parameter's defaults sees the body.
    visitAll(node.params, scope);
    if (node.body.type === 'BlockStatement') {
      visitAll(node.body.body, blockScope(node.body.body, scope, true));
    } else {
      visit(node.body, scope);
    }
  }

  function visit(node: Node, scope: Scope): void {
    if (isFunction(node)) {
      visitFunction(node, scope);
      return;
    }
    if (isClass(node)) {
      const inner = new Scope(scope);
      if (node.id) inner.declare(node.id.name);
      visitAll(node.superClass ? [node.superClass] : [], inner);
      visitAll(node.body.body, inner);
      return;
    }
    switch (node.type) {
      case 'Identifier':
        use(node, scope);
        return;
      case 'MemberExpression':
        visit(node.object, scope);
        if (node.computed) visit(node.property, scope);
        return;
      case 'Property':
      case 'MethodDefinition':
      case 'PropertyDefinition':
        if (node.computed) visit(node.key, scope);
        if (node.value) visit(node.value, scope);
        return;
      case 'AssignmentExpression':
        write(node.left, scope);
        visit(node.right, scope);
        return;
      case 'UpdateExpression':
        write(node.argument, scope);
        return;
      case 'BlockStatement':
      case 'StaticBlock':
        visitAll(node.body, blockScope(node.body, scope, node.type === 'StaticBlock'));
        return;
      case 'SwitchStatement': {
        visit(node.discriminant, scope);
        const statements = node.cases.flatMap((c) => c.consequent);
        const inner = blockScope(statements, scope, false);
        // Their twins have no variables of their own (emit/switch.ts): a call must look them up, as if they changed.
        for (const binding of inner.bindings.values()) binding.reassigned ||= binding.hoisted;
        visitAll(node.cases, inner);
        return;
      }
      case 'CatchClause': {
        const inner = new Scope(scope);
        for (const name of boundNames(node.param)) inner.declare(name);
        visitAll([node.param ?? null, node.body], inner);
        return;
      }
      case 'ForStatement': {
        const inner = node.init ? blockScope([node.init], scope, false) : scope;
        visitAll([node.init ?? null, node.test ?? null, node.update ?? null, node.body], inner);
        return;
      }
      case 'ForInStatement':
      case 'ForOfStatement': {
        const inner = blockScope([node.left], scope, false);
        if (node.left.type === 'VariableDeclaration') visit(node.left, inner);
        else write(node.left, inner);
        visitAll([node.right, node.body], inner);
        return;
      }
      case 'LabeledStatement':
        visit(node.body, scope);
        return;
      case 'BreakStatement':
      case 'ContinueStatement':
      case 'ImportDeclaration':
      case 'ExportAllDeclaration':
      case 'MetaProperty':
        return;
      case 'ExportNamedDeclaration':
        if (node.declaration) visit(node.declaration, scope);
        return;
      default:
        visitAll(children(node), scope);
    }
  }
}

/** `whole`: of a function, static block or module, where `var` ends up. */
function blockScope(statements: readonly Node[], parent: Scope, whole: boolean): Scope {
  const scope = new Scope(parent);
  if (whole) for (const statement of statements) declareVars(statement, scope);
  for (const statement of statements) declareLexical(statement, scope);
  return scope;
}

function declareLexical(node: Node, scope: Scope): void {
  switch (node.type) {
    case 'ExportNamedDeclaration':
    case 'ExportDefaultDeclaration':
      if (node.declaration) declareLexical(node.declaration, scope);
      return;
    case 'ImportDeclaration':
      for (const specifier of node.specifiers) scope.declare(specifier.local.name);
      return;
    case 'FunctionDeclaration':
      if (node.id) scope.declare(node.id.name, node, true);
      return;
    case 'ClassDeclaration':
      if (node.id) scope.declare(node.id.name);
      return;
    case 'VariableDeclaration':
      if (node.kind === 'var') return;
      for (const { id, init } of node.declarations) {
        const fn = id.type === 'Identifier' && init && isFunction(init) ? init : undefined;
        for (const name of boundNames(id)) scope.declare(name, fn);
      }
      return;
    default:
  }
}

function declareVars(node: Node, scope: Scope): void {
  if (isFunction(node) || isClass(node)) return;
  if (node.type === 'VariableDeclaration' && node.kind === 'var') {
    for (const { id } of node.declarations) {
      for (const name of boundNames(id)) {
        scope.declare(name);
        scope.bindings.get(name)!.reassigned = true;
      }
    }
  }
  for (const child of children(node)) declareVars(child, scope);
}

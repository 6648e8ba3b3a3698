/** Functions: the plain one as it stands, and next to it the twin. */
import type { FunctionDeclaration, Pattern } from 'acorn';
import type { FunctionNode, Node } from '../syntax/ast.ts';
import { mayCall } from '../syntax/calm.ts';
import { emitOperand, OWN, Temporaries } from './context.ts';
import type { Context, Emitter, Lexical } from './context.ts';

const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;

/** How a property `name` is written in an object literal, and how it is read from it. */
export function propertyText(name: string): { key: string; access: string } {
  // `__proto__: value` would set the prototype.
  return IDENTIFIER.test(name) && name !== '__proto__'
    ? { key: name, access: `.${name}` }
    : { key: `[${JSON.stringify(name)}]`, access: `[${JSON.stringify(name)}]` };
}

/** Context of the body of the plain version of `node`. */
function plainContext(node: FunctionNode, context: Context, label: string): Context {
  const arrow = node.type === 'ArrowFunctionExpression';
  return {
    temps: undefined,
    lexical: arrow ? context.lexical : OWN,
    lateThis: arrow && context.lateThis,
    label,
    classes: context.classes,
  };
}

function labelOf(node: FunctionNode, name: string, context: Context): string {
  const own = node.type === 'ArrowFunctionExpression' ? '' : (node.id?.name ?? '');
  return own || name || context.label;
}

/** The function as it stands in the source. Functions in it get twins. */
export function emitPlainFunction(
  e: Emitter,
  node: FunctionNode,
  context: Context,
  label: string,
): void {
  e.emitChildren(node, plainContext(node, context, label));
}

/** A function that is a value. `name`: of the variable or property that names an anonymous function. */
export function emitFunctionValue(
  e: Emitter,
  node: FunctionNode,
  context: Context,
  name: string,
): void {
  const label = labelOf(node, name, context);
  if (!e.info.functions.get(node)!.hasTwin) {
    emitPlainFunction(e, node, context, label);
    return;
  }
  const { out } = e;
  const own = node.type === 'ArrowFunctionExpression' ? undefined : node.id?.name;
  // The twin cannot see the name that a function expression has inside itself: give it a variable.
  const recursive =
    own !== undefined && e.source.slice(node.id!.end, node.end).includes(own) ? own : undefined;
  if (recursive !== undefined) out.write(`(()=>{const ${recursive}=`, node.start);
  else out.write(`${attach(e, node)}(`, node.start);
  if (own === undefined && name !== '') {
    const { key, access } = propertyText(name);
    out.write(`{${key}:`, node.start);
    emitPlainFunction(e, node, context, label);
    out.write(`}${access}`, node.end);
  } else {
    emitPlainFunction(e, node, context, label);
  }
  out.write(recursive === undefined ? ',' : `;return ${attach(e, node)}(${recursive},`, node.start);
  emitTwin(e, node, context, { name: own ?? name, label });
  out.write(recursive === undefined ? ')' : ')})()', node.end);
}

/** The function that joins a plain function and its twin. */
export function attach(e: Emitter, node: FunctionNode): string {
  return e.names.use(node.generator ? 'generatorTwin' : 'twin');
}

export interface TwinOptions {
  /** Shown in stack traces. */
  readonly name: string;
  readonly label: string;
  /** `[key]`: the name is the value of this expression instead. */
  readonly computed?: string;
  /** Source of the object whose properties `super` reads. */
  readonly superObject?: string;
}

/** The twin, as an expression. */
export function emitTwin(
  e: Emitter,
  node: FunctionNode,
  context: Context,
  { name, label, computed, superObject }: TwinOptions,
): void {
  const { out } = e;
  const at = node.start;
  let lexical = OWN;
  let close = '';
  if (node.type === 'ArrowFunctionExpression') {
    const caught = captureLexical(e, node, context);
    lexical = caught.lexical;
    out.write(caught.open, at);
    close = caught.close;
  }
  if (name === '' && computed === undefined) {
    out.write('function*', at);
  } else {
    const { key, access } =
      computed === undefined
        ? propertyText(name)
        : { key: `[${computed}]`, access: `[${computed}]` };
    out.write(`{${superObject === undefined ? '' : `__proto__:${superObject},`}*${key}`, at);
    close = `}${access}${close}`;
  }
  emitTwinBody(e, node, { ...context, lexical, label, temps: undefined });
  out.write(close, node.end);
}

/** Parameters and body of the twin. */
export function emitTwinBody(e: Emitter, node: FunctionNode, outer: Context): void {
  const { out } = e;
  const temps = new Temporaries(e.names.prefix);
  const context: Context = { ...outer, temps, lateThis: false };
  const moved = node.params.some((param) => mayCall(param, e.info.atomics))
    ? node.params.map((param, i) => (param.type === 'Identifier' ? '' : `${e.names.prefix}p${i}`))
    : node.params.map(() => '');
  out.write('(', node.start);
  for (const [i, param] of node.params.entries()) {
    if (i > 0) out.write(',', param.start);
    const name = moved[i]!;
    if (name === '') e.emit(param, context);
    else out.write(param.type === 'RestElement' ? `...${name}` : name, param.start);
  }
  out.write('){', node.body.start);
  const declarations = out.slot(node.body.start);
  for (const [i, param] of node.params.entries()) {
    if (moved[i] !== '') emitMovedParameter(e, param, moved[i]!, context);
  }
  if (node.body.type === 'BlockStatement') {
    e.emitStatements(node.body.body, node.body.start + 1, node.body.end, context);
  } else {
    out.write('return ', node.body.start);
    emitOperand(e, node.body, context);
    out.write('}', node.body.end);
  }
  declarations.text = temps.declaration;
}

/** A parameter whose default may be suspended. `var`, because the body may declare the name again. */
function emitMovedParameter(e: Emitter, param: Pattern, value: string, context: Context): void {
  const { out } = e;
  const pattern = param.type === 'RestElement' ? param.argument : param;
  out.write('var ', param.start);
  if (pattern.type !== 'AssignmentPattern') {
    e.emit(pattern, context);
    out.write(`=${value};`, param.end);
    return;
  }
  e.emit(pattern.left, context);
  out.write(`=${value}===void 0?(`, pattern.left.end);
  const name = pattern.left.type === 'Identifier' ? pattern.left.name : '';
  e.emitNamed(pattern.right, name, context);
  out.write(`):${value};`, param.end);
}

/** An arrow function's twin is a generator function: what it has from around it, it gets by name. */
function captureLexical(
  e: Emitter,
  node: FunctionNode,
  { lexical, lateThis }: Context,
): { open: string; lexical: Lexical; close: string } {
  // Inside another arrow's twin: those names are in sight already.
  const renamed = lexical !== OWN;
  const uses = e.info.functions.get(node)!;
  const { prefix } = e.names;
  const parameters: string[] = [];
  const values: string[] = [];
  const capture = (used: boolean, name: string, value: string): string => {
    if (!used || renamed) return name;
    parameters.push(`${prefix}${name}`);
    values.push(value);
    return `${prefix}${name}`;
  };
  if (renamed) return { open: '', lexical, close: '' };
  const self = capture(uses.usesThis, 'this', lateThis ? '()=>this' : 'this');
  const caught: Lexical = {
    this: uses.usesThis && lateThis ? `${self}()` : self,
    arguments: capture(uses.usesArguments, 'arguments', 'arguments'),
    newTarget: uses.usesNewTarget ? capture(true, 'target', 'new.target') : 'new.target',
    superGet: uses.usesSuper
      ? capture(true, 'super', `(${prefix}k)=>super[${prefix}k]`)
      : undefined,
  };
  if (parameters.length === 0) return { open: '', lexical: caught, close: '' };
  return {
    open: `((${parameters.join(',')})=>(`,
    lexical: caught,
    close: `))(${values.join(',')})`,
  };
}

/** For the start of a block: twins of the functions declared in it. */
export function emitDeclaredTwins(e: Emitter, statements: readonly Node[], context: Context): void {
  for (const [name, node] of declaredTwins(e, statements)) {
    const variable = e.names.twinOf(name);
    e.out.write(`const ${variable}=`, node.start);
    emitTwin(e, node, { ...context, lexical: OWN }, { name, label: name });
    e.out.write(`;${attach(e, node)}(${name},${variable});`, node.start);
  }
}

/** The functions with a twin that are declared in `statements`; of two with the same name, the last. */
export function declaredTwins(
  e: Emitter,
  statements: readonly Node[],
): Map<string, FunctionDeclaration> {
  const declared = new Map<string, FunctionDeclaration>();
  for (const statement of statements) {
    const inner =
      statement.type === 'ExportNamedDeclaration' || statement.type === 'ExportDefaultDeclaration'
        ? statement.declaration
        : statement;
    if (inner?.type === 'FunctionDeclaration' && inner.id) declared.set(inner.id.name, inner);
  }
  for (const [name, node] of declared) {
    if (!e.info.functions.get(node)!.hasTwin) declared.delete(name);
  }
  return declared;
}

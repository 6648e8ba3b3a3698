/** Lists of statements, in which emitted code must not run into the next line. */
import type { Node } from '../syntax/ast.ts';
import type { Context, Emitter } from './context.ts';
import { emitDeclaredTwins } from './functions.ts';

/** Statements that may end without a semicolon. */
const OPEN_ENDED: ReadonlySet<string> = new Set([
  'ExpressionStatement',
  'VariableDeclaration',
  'ReturnStatement',
  'ThrowStatement',
  'ExportNamedDeclaration',
  'ExportDefaultDeclaration',
  'PropertyDefinition',
]);

/** The source from `from` to `to`, which holds `statements`. Twins of declared functions come first. */
export function emitStatements(
  e: Emitter,
  statements: readonly Node[],
  from: number,
  to: number,
  context: Context,
): void {
  emitDeclaredTwins(e, statements, context);
  let at = from;
  for (const statement of statements) {
    e.out.copy(at, statement.start);
    e.emit(statement, context);
    endStatement(e, statement);
    at = statement.end;
  }
  e.out.copy(at, to);
}

/** `x = () => {}` ends its line; `x = twin(() => {}, …)` would go on with a `(` or `[` in the next. */
export function endStatement(e: Emitter, statement: Node): void {
  if (!OPEN_ENDED.has(statement.type)) return;
  const last = e.source[statement.end - 1];
  if (last !== ';' && !declares(statement)) e.out.write(';', statement.end);
}

function declares(statement: Node): boolean {
  if (
    statement.type !== 'ExportNamedDeclaration' &&
    statement.type !== 'ExportDefaultDeclaration'
  ) {
    return false;
  }
  const type = statement.declaration?.type;
  return type === 'FunctionDeclaration' || type === 'ClassDeclaration';
}

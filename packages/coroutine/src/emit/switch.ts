/**
 * Functions declared in the clauses of a `switch` are there in all of them. Their twins are attached where the first
 * test is made, which is before any clause runs.
 */
import type { SwitchStatement } from 'acorn';
import { OWN } from './context.ts';
import type { Context, Emitter } from './context.ts';
import { attach, declaredTwins, emitTwin } from './functions.ts';
import { endStatement } from './statements.ts';

export function emitSwitch(e: Emitter, node: SwitchStatement, context: Context): void {
  const { out } = e;
  const twins = declaredTwins(
    e,
    node.cases.flatMap((clause) => clause.consequent),
  );
  const attachAll = (separator: string): void => {
    for (const [name, declaration] of twins) {
      out.write(`${attach(e, declaration)}(${name},`, declaration.start);
      emitTwin(e, declaration, { ...context, lexical: OWN }, { name, label: name });
      out.write(`)${separator}`, declaration.end);
    }
    twins.clear();
  };
  const tested = node.cases.some((clause) => clause.test);
  out.copy(node.start, node.discriminant.start);
  e.emit(node.discriminant, context);
  let at = node.discriminant.end;
  for (const { test, consequent, start } of node.cases) {
    if (test) {
      out.copy(at, test.start);
      out.write('(', test.start);
      attachAll(',');
      e.emit(test, context);
      out.write(')', test.end);
      at = test.end;
    }
    if (!tested && consequent.length > 0) {
      out.copy(at, consequent[0]!.start);
      attachAll(';');
      at = consequent[0]!.start;
    }
    if (at < start) {
      out.copy(at, start);
      at = start;
    }
    for (const statement of consequent) {
      out.copy(at, statement.start);
      e.emit(statement, context);
      endStatement(e, statement);
      at = statement.end;
    }
  }
  out.copy(at, node.end);
}

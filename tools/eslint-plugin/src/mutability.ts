/** Can a value of this type be changed through the type? Asked of what lives at module level. */
import { isPropertyReadonlyInType } from 'ts-api-utils';
import * as ts from 'typescript';

/** Built-in classes whose values change, or hold what changes. */
const CHANGING =
  /^(Map|Set|WeakMap|WeakSet|Date|Array|ArrayBuffer|SharedArrayBuffer|DataView|Buffer|(Int8|Uint8|Uint8Clamped|Int16|Uint16|Int32|Uint32|Float16|Float32|Float64|BigInt64|BigUint64)Array|Generator|AsyncGenerator|Iterator)$/;

/** Built-in classes whose values do not change, whatever their declarations say. */
const FIXED =
  /^(RegExp|URL|TextEncoder|TextDecoder|Promise|Symbol|Function|Error|[A-Z]\w*Error|Module|NumberFormat|DateTimeFormat|Collator|ArrayLike|Iterable|Intl\.\w+)$/;

/** Built-in read-only containers: what they hold is looked at instead. */
const READ_ONLY = /^(ReadonlyArray|ReadonlyMap|ReadonlySet)$/;

/** Says what can change, for instance `property 'next' is not readonly`; undefined if nothing can. */
export function whyMutable(type: ts.Type, program: ts.Program): string | undefined {
  const checker = program.getTypeChecker();
  const seen = new Set<ts.Type>();

  function visit(part: ts.Type): string | undefined {
    if (seen.has(part)) return undefined;
    seen.add(part);
    if (part.isUnionOrIntersection()) return firstOf(part.types, visit);
    if ((part.flags & ts.TypeFlags.Object) === 0) return undefined;
    if (checker.isTupleType(part)) {
      const { target } = part as ts.TupleTypeReference;
      if (!target.readonly) return 'a tuple without readonly';
      return firstOf(checker.getTypeArguments(part as ts.TypeReference), visit);
    }
    const symbol = part.getSymbol();
    if (symbol !== undefined && isBuiltIn(symbol)) {
      if (READ_ONLY.test(symbol.name)) {
        return firstOf(checker.getTypeArguments(part as ts.TypeReference), visit);
      }
      if (CHANGING.test(symbol.name)) return `it is of type ${symbol.name}`;
      if (FIXED.test(symbol.name)) return undefined;
    }
    // What a function keeps to itself cannot be seen here; static members are checked on their own.
    if (part.getCallSignatures().length > 0 || part.getConstructSignatures().length > 0) {
      return undefined;
    }
    return visitMembers(part);
  }

  function visitMembers(part: ts.Type): string | undefined {
    for (const index of checker.getIndexInfosOfType(part)) {
      if (!index.isReadonly) return 'an index signature without readonly';
      const why = visit(index.type);
      if (why !== undefined) return why;
    }
    return firstOf(checker.getPropertiesOfType(part), (property) => {
      if ((property.flags & ts.SymbolFlags.Method) !== 0) return undefined;
      const name = property.name.replace(/^__#\d+@/, '');
      if (isWritable(property, part, checker)) return `property '${name}' is not readonly`;
      return visit(checker.getTypeOfSymbol(property));
    });
  }

  function isBuiltIn(symbol: ts.Symbol): boolean {
    return (symbol.declarations ?? []).some((declaration) => {
      const file = declaration.getSourceFile();
      return program.isSourceFileDefaultLibrary(file) || file.isDeclarationFile;
    });
  }

  return visit(type);
}

function isWritable(property: ts.Symbol, owner: ts.Type, checker: ts.TypeChecker): boolean {
  if ((property.flags & ts.SymbolFlags.Accessor) !== 0) {
    return (property.flags & ts.SymbolFlags.SetAccessor) !== 0;
  }
  return !isPropertyReadonlyInType(owner, property.escapedName, checker);
}

function firstOf<T>(items: Iterable<T>, ask: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const answer = ask(item);
    if (answer !== undefined) return answer;
  }
  return undefined;
}

/** Where code is being emitted: in which version of which function. */
import type { MemberExpression } from 'acorn';
import type { ModuleInfo } from '../syntax/functions.ts';
import type { ClassNode, Node } from '../syntax/ast.ts';
import type { Names } from './names.ts';
import type { Output } from './output.ts';
import type { Sites } from './sites.ts';

/** Variables of a twin for values between two steps of an expression. Taken and given back like a stack. */
export class Temporaries {
  readonly #prefix: string;
  readonly #free: string[] = [];
  #count = 0;

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  take(): string {
    return this.#free.pop() ?? `${this.#prefix}${++this.#count}`;
  }

  give(...names: readonly (string | undefined)[]): void {
    for (const name of names) if (name !== undefined) this.#free.push(name);
  }

  /** The declaration of all that were ever taken. */
  get declaration(): string {
    if (this.#count === 0) return '';
    const all = Array.from({ length: this.#count }, (_, i) => `${this.#prefix}${i + 1}`);
    return `let ${all.join(',')};`;
  }
}

/** What `this` and its like are called in the twin of an arrow function, which is no arrow function. */
export interface Lexical {
  readonly this: string;
  readonly arguments: string;
  readonly newTarget: string;
  /** A function that reads a property of `super`; undefined: `super` itself may be written. */
  readonly superGet: string | undefined;
}

export interface Context {
  /** The temporaries of the twin that is emitted; undefined in plain code. */
  readonly temps: Temporaries | undefined;
  readonly lexical: Lexical;
  /** In a derived constructor, where `this` cannot be read yet when an arrow function is made. */
  readonly lateThis: boolean;
  /** For `siteInfo`: the nearest named function, or Class.method. */
  readonly label: string;
  /** Class bodies around, innermost first. */
  readonly classes: ClassScope | undefined;
}

export interface ClassScope {
  readonly node: ClassNode;
  readonly outer: ClassScope | undefined;
}

export const OWN: Lexical = {
  this: 'this',
  arguments: 'arguments',
  newTarget: 'new.target',
  superGet: undefined,
};

/** What the parts of the emitter share. They know each other only through `emit`. */
export interface Emitter {
  readonly out: Output;
  readonly source: string;
  readonly info: ModuleInfo;
  readonly names: Names;
  readonly sites: Sites;
  emit(node: Node, context: Context): void;
  /** `node` as it stands, with its children emitted. */
  emitChildren(node: Node, context: Context): void;
  /** `node` as callee or operand of `delete`: a reference, not the value of an element. */
  emitMember(node: MemberExpression, context: Context): void;
  /** What a pattern or loop assigns to. */
  emitTarget(node: Node, context: Context): void;
  /** The source from `from` to `to`, which holds `statements`. */
  emitStatements(statements: readonly Node[], from: number, to: number, context: Context): void;
  /** The value of something that gives an anonymous function its name. */
  emitNamed(value: Node, name: string, context: Context): void;
  fail(message: string, at: number): never;
}

/** An expression where a comma would end it: an argument, the right side of `=`. */
export function emitOperand(e: Emitter, node: Node, context: Context): void {
  if (node.type !== 'SequenceExpression') {
    e.emit(node, context);
    return;
  }
  e.out.write('(', node.start);
  e.emit(node, context);
  e.out.write(')', node.end);
}

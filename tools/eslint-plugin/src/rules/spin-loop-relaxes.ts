/**
 * A loop that waits for another CPU says so.
 *
 * A CPU that spins without looking at its mailbox deadlocks the first IPI broadcast, burns the
 * time slice of the CPU it waits for, and never yields under the controlled clocks. So a loop
 * that asks the same shared word again and again calls `relax`, a wait primitive, or yields.
 *
 * Two loops only look like that and are left alone:
 *
 *   walking    while ((at = memory.load(at + next)) !== NULL) …     another word every time
 *   retrying   while ((seen = memory.compareExchange(w, old, f(old))) !== old) old = seen;
 *              each failure means that somebody else got on, and brings a fresh expectation
 */
import { AST_NODE_TYPES } from '@typescript-eslint/utils';
import type { TSESTree } from '@typescript-eslint/utils';
import { createRule, typesOf } from '../create-rule.ts';
import { atomicRead, lastName } from '../seam.ts';
import { runsWith } from '../walk.ts';

/** What lets others get on: the mailbox, the host's scheduler, another task. */
const RELAXERS =
  /^(relax|wait|waitWhileEquals|spinWhileEquals|parkWhileEquals|schedule|condResched|park|idle|block)$/;

type Loop = TSESTree.WhileStatement | TSESTree.DoWhileStatement | TSESTree.ForStatement;

export const spinLoopRelaxes = createRule({
  name: 'spin-loop-relaxes',
  meta: {
    type: 'problem',
    docs: { description: 'A loop that waits for a shared word relaxes, waits or yields' },
    schema: [],
    messages: {
      spins:
        'This loop waits for {{access}} and never calls cpu.relax() or a wait primitive: ' +
        'it can deadlock an IPI and burns the time slice of whoever it waits for',
    },
  },
  create(context) {
    const types = typesOf(context);

    function relaxes(node: TSESTree.Node): boolean {
      for (const inner of runsWith(node)) {
        if (inner.type === AST_NODE_TYPES.YieldExpression) return true;
        if (inner.type === AST_NODE_TYPES.AwaitExpression) return true;
        if (inner.type !== AST_NODE_TYPES.CallExpression) continue;
        if (RELAXERS.test(lastName(inner.callee) ?? '')) return true;
      }
      return false;
    }

    /** A compare-exchange whose expectation the loop renews: it fails only if another CPU got on. */
    function retries(loop: Loop, changed: ReadonlySet<string>): boolean {
      for (const inner of runsWith(loop)) {
        if (inner.type !== AST_NODE_TYPES.CallExpression) continue;
        if (!(atomicRead(inner, types)?.startsWith('compareExchange') ?? false)) continue;
        const expected = inner.arguments[1];
        if (expected !== undefined && mentions(expected, changed)) return true;
      }
      return false;
    }

    /** The first access in `node` whose answer only another CPU can change. */
    function waitsFor(node: TSESTree.Node, changed: ReadonlySet<string>): string | undefined {
      for (const inner of runsWith(node)) {
        if (inner.type !== AST_NODE_TYPES.CallExpression) continue;
        const access = atomicRead(inner, types);
        // fetchAdd and its kin get on with every turn; they wait for nobody.
        if (access === undefined || access.startsWith('fetch')) continue;
        const at = inner.arguments[0];
        if (at === undefined || !mentions(at, changed)) return `memory.${access}`;
      }
      return undefined;
    }

    function check(loop: Loop): void {
      const changed = new Set(valuesGivenIn(loop).keys());
      if (relaxes(loop) || retries(loop, changed)) return;
      for (const condition of exitConditions(loop)) {
        const access = waitsFor(condition, changed);
        if (access === undefined) continue;
        context.report({ node: loop, messageId: 'spins', data: { access } });
        return;
      }
    }

    return { WhileStatement: check, DoWhileStatement: check, ForStatement: check };
  },
});

/**
 * The loop's own condition; for an endless loop, the conditions of the `if`s that leave it. With
 * each come the values, computed in the loop, of the variables that it mentions.
 */
function* exitConditions(loop: Loop): Generator<TSESTree.Node> {
  const values = valuesGivenIn(loop);
  for (const condition of ownConditions(loop)) {
    yield condition;
    for (const [name, value] of values) {
      if (value !== undefined && mentions(condition, new Set([name]))) yield value;
    }
  }
}

function* ownConditions(loop: Loop): Generator<TSESTree.Node> {
  const test = loop.test;
  if (test !== null && !(test.type === AST_NODE_TYPES.Literal && Boolean(test.value))) {
    yield test;
    return;
  }
  for (const inner of runsWith(loop.body)) {
    if (inner.type === AST_NODE_TYPES.IfStatement && leaves(inner)) yield inner.test;
  }
}

function leaves(branch: TSESTree.IfStatement): boolean {
  for (const inner of runsWith(branch)) {
    if (inner.type === AST_NODE_TYPES.BreakStatement) return true;
    if (inner.type === AST_NODE_TYPES.ReturnStatement) return true;
  }
  return false;
}

/** Variables that the loop itself gives new values, with the value where there is just one. */
function valuesGivenIn(loop: Loop): ReadonlyMap<string, TSESTree.Node | undefined> {
  const values = new Map<string, TSESTree.Node | undefined>();
  const give = (target: TSESTree.Node, value: TSESTree.Node | null | undefined): void => {
    if (target.type !== AST_NODE_TYPES.Identifier) return;
    values.set(target.name, values.has(target.name) ? undefined : (value ?? undefined));
  };
  for (const inner of runsWith(loop)) {
    if (inner.type === AST_NODE_TYPES.AssignmentExpression) {
      give(inner.left, inner.right);
    } else if (inner.type === AST_NODE_TYPES.UpdateExpression) {
      give(inner.argument, undefined);
    } else if (inner.type === AST_NODE_TYPES.VariableDeclarator) {
      // `for (let at = head; …)` starts the loop; it is not what a turn does.
      if (loop.type !== AST_NODE_TYPES.ForStatement || inner.parent !== loop.init) {
        give(inner.id, inner.init);
      }
    }
  }
  return values;
}

function mentions(node: TSESTree.Node, names: ReadonlySet<string>): boolean {
  for (const inner of runsWith(node)) {
    if (inner.type === AST_NODE_TYPES.Identifier && names.has(inner.name)) return true;
  }
  return false;
}

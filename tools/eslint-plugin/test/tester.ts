import { RuleTester } from 'eslint';
import type { Rule } from 'eslint';
import { parser } from 'typescript-eslint';
import { afterAll, describe, it } from 'vitest';

const fixtures = new URL('./fixtures/', import.meta.url);

// eslint's RuleTester looks for these as globals, which vitest does not set.
const hooks = RuleTester as unknown as Record<'afterAll' | 'describe' | 'it' | 'itOnly', unknown>;
hooks.afterAll = afterAll;
hooks.describe = describe;
hooks.it = it;
hooks.itOnly = it.only;

export interface Table {
  readonly valid: readonly string[];
  /** Code, and what the message says (a part of it). */
  readonly invalid: readonly (readonly [code: string, ...messages: RegExp[]])[];
}

/**
 * Runs a rule over a table. Each piece of code stands in for `fixtures/file.ts` and has the types
 * that a real file would have; with `types: false` it is a file that no tsconfig knows.
 */
export function runTable(
  name: string,
  rule: unknown,
  table: Table,
  { types = true }: { types?: boolean } = {},
): void {
  const parserOptions = types
    ? {
        project: './tsconfig.json',
        tsconfigRootDir: decodeURIComponent(fixtures.pathname),
        // In CI the parser would take the types of what stands in the file on disk.
        disallowAutomaticSingleRunInference: true,
      }
    : {};
  const tester = new RuleTester({
    languageOptions: { parser: parser, parserOptions },
  });
  const filename = decodeURIComponent(new URL('./file.ts', fixtures).pathname);
  tester.run(types ? name : `${name}, without types`, rule as Rule.RuleModule, {
    valid: table.valid.map((code) => ({ name: code, code, filename })),
    invalid: table.invalid.map(([code, ...messages]) => ({
      name: code,
      code,
      filename,
      errors: messages.map((message) => ({ message })),
    })),
  });
}

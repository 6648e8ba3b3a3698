import { ESLintUtils } from '@typescript-eslint/utils';
import type { ParserServicesWithTypeInformation, TSESLint } from '@typescript-eslint/utils';

/** All rules report errors and are explained in one place. */
export const createRule = ESLintUtils.RuleCreator(() => 'CONTRIBUTING.md#rules-a-linter-checks');

/**
 * Type information where the file has it. A rule that gets `undefined` (a file outside every
 * tsconfig) decides by names alone.
 */
export function typesOf(
  context: Readonly<TSESLint.RuleContext<string, readonly unknown[]>>,
): ParserServicesWithTypeInformation | undefined {
  const services = ESLintUtils.getParserServices(context, true);
  return services.program === null ? undefined : services;
}

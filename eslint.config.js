import eslint from '@eslint/js';
import prettier from 'eslint-config-prettier';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** Files outside every tsconfig: linted, but without types. */
const untyped = ['**/*.js', '**/*.cjs', '**/*.mjs', '**/vitest.config.ts', 'vitest.shared.ts'];

export default defineConfig(
  globalIgnores(['**/dist/', '**/.nx/', '**/coverage/', '**/results/', '**/.cache/']),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  eslint.configs.recommended,
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/consistent-type-exports': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      eqeqeq: 'error',
      'no-console': 'error',
      'prefer-const': 'error',

      // isolatedDeclarations wants `export const PAGE_SIZE: number = 4096` spelled out.
      '@typescript-eslint/no-inferrable-types': 'off',
      // `array[i]!` on a hot path is a statement about the index; the checked memory verifies it.
      '@typescript-eslint/no-non-null-assertion': 'off',
      // `if (index < 0) return fail();` where fail(): never, and `() => doIt()` in a table, read well.
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'always' },
      ],
      // Programs are generators or async functions because their caller says so.
      '@typescript-eslint/require-await': 'off',
      'require-yield': 'off',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-empty-function': ['error', { allow: ['arrowFunctions', 'methods'] }],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrors: 'none' },
      ],
      '@typescript-eslint/prefer-readonly': 'error',
    },
  },
  {
    // stdout and stderr belong to the command line programs.
    files: ['apps/**', 'tools/**'],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['**/test/**'],
    rules: {
      // `expect(object.method)` is the usual form.
      '@typescript-eslint/unbound-method': 'off',
      'no-console': 'off',
    },
  },
  { files: untyped, extends: [tseslint.configs.disableTypeChecked] },
  {
    files: ['**/*.cjs'],
    languageOptions: {
      sourceType: 'commonjs',
      globals: {
        console: 'readonly',
        process: 'readonly',
        require: 'readonly',
        module: 'writable',
        __dirname: 'readonly',
      },
    },
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },
  prettier,
);

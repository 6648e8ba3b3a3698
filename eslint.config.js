import percpu from '@percpu-tools/eslint-plugin';
import eslint from '@eslint/js';
import nx from '@nx/eslint-plugin';
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
      // `[...name]` is how one looks at characters of plain text.
      '@typescript-eslint/no-misused-spread': ['error', { allow: ['string'] }],
      // `body(cpu): number | void` lets an experiment leave out the count.
      '@typescript-eslint/no-invalid-void-type': 'off',
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
  {
    // The layers of CONTRIBUTING.md, here for the editor: dependency-cruiser is the gate, because
    // this rule passes where nx has not computed its graph yet.
    files: ['packages/**/*.ts', 'apps/**/*.ts'],
    ignores: ['**/vitest.config.ts'],
    plugins: { '@nx': nx },
    rules: {
      '@nx/enforce-module-boundaries': [
        'error',
        {
          allow: ['^#'],
          allowCircularSelfDependency: true,
          // A worker's entry imports late what the rest imports first.
          checkDynamicDependenciesExceptions: ['.*'],
          enforceBuildableLibDependency: false,
          depConstraints: [
            { sourceTag: 'layer:core', onlyDependOnLibsWithTags: ['layer:core'] },
            {
              sourceTag: 'layer:engine',
              onlyDependOnLibsWithTags: ['layer:core', 'layer:engine'],
            },
            {
              sourceTag: 'layer:mechanism',
              onlyDependOnLibsWithTags: ['layer:core', 'layer:mechanism'],
            },
            {
              sourceTag: 'layer:app',
              onlyDependOnLibsWithTags: [
                'layer:core',
                'layer:engine',
                'layer:mechanism',
                'layer:app',
              ],
            },
          ],
        },
      ],
    },
  },
  {
    // Explored interleavings need the explorer, which lies above what they explore.
    files: ['packages/*/test/**/*.explore.ts'],
    rules: { '@nx/enforce-module-boundaries': 'off' },
  },
  {
    // Shared memory only through the seam. Exceptions stand here, with the reason, and nowhere else.
    files: ['packages/**/*.ts', 'apps/**/*.ts'],
    ignores: [
      // It is the seam, and its experiments measure it against bare Atomics.
      'packages/memory/**',
      // It lies below the seam, so the threads of its tests bring a memory of their own.
      'packages/experiment/test/support/thread-cpu.ts',
      // It turns bare Atomics of users' own files into accesses of the seam.
      'packages/coroutine/**',
      'packages/explore/src/arrays/**',
      // For programs that have a SharedArrayBuffer and no machine; explored through the adapter for users' own files.
      'packages/locks/src/threads/**',
      'packages/locks/test/{threads,explore/threads}/**',
      // Stands for users' own files, which know nothing of the seam; and the tests that explore those.
      'packages/explore/test/own-code/**',
    ],
    plugins: { percpu },
    rules: { 'percpu/seam-only': 'error' },
  },
  {
    files: ['packages/*/src/**/*.ts', 'apps/*/src/**/*.ts'],
    plugins: { percpu },
    rules: { 'percpu/no-module-state': 'error', 'percpu/spin-loop-relaxes': 'error' },
  },
  {
    // What the controlled clocks will run as coroutines.
    files: ['packages/*/src/**/*.ts'],
    ignores: [
      // The host's side of a machine never runs on a simulated CPU.
      'packages/machine/src/boot/**',
      // The engines are the controlled clocks; what they touch themselves is set-up, at once.
      'packages/{coroutine,simulator,explore,model}/src/**',
    ],
    plugins: { percpu },
    rules: { 'percpu/no-access-in-uncontrolled-place': 'error' },
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

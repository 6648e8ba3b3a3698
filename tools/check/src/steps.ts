/** What `npm test` runs, in order: cheap and telling first. */
import type { Step } from './run-steps.ts';

const nx = (target: string): readonly string[] => [
  'nx',
  'run-many',
  `--targets=${target}`,
  '--output-style=static',
  '--nx-bail=false',
];

const ts = (file: string, ...args: readonly string[]): readonly string[] => [
  'node',
  '--conditions=@percpu/source',
  file,
  ...args,
];

export const STEPS: readonly Step[] = [
  {
    name: 'lock',
    about: 'package-lock.json holds every platform',
    command: ts('tools/check/src/lock-complete.ts'),
  },
  {
    name: 'tools',
    about: 'tools of the host that some tests need',
    command: ts('tools/check/src/host-tools.ts'),
  },
  {
    name: 'format',
    about: 'prettier',
    beside: 'reading',
    command: [
      'prettier',
      '--check',
      '--log-level=warn',
      // By content: a checkout gives every file a new time. Not at the usual place: prettier without a cache clears that.
      ...[
        '--cache',
        '--cache-strategy=content',
        '--cache-location=node_modules/.cache/prettier-check',
      ],
      '.',
    ],
  },
  {
    name: 'references',
    about: 'project references follow the imports (nx sync)',
    beside: 'reading',
    command: ['nx', 'sync:check'],
  },
  {
    name: 'boundaries',
    about: 'imports point down (dependency-cruiser)',
    beside: 'reading',
    command: ['depcruise', 'packages', 'apps', 'tools', '--config', '.dependency-cruiser.mjs'],
  },
  {
    name: 'unused',
    about: 'no unused files, exports or dependencies (knip)',
    beside: 'reading',
    command: ['knip', '--no-config-hints', '--no-progress'],
  },
  { name: 'build', about: 'declarations and bundles of every package', command: nx('build') },
  { name: 'types', about: 'tests and tools type check', command: nx('typecheck') },
  { name: 'lint', about: 'eslint, with the rules of the house', command: nx('lint') },
  { name: 'tests', about: 'vitest of every package', command: nx('test') },
  {
    name: 'explored',
    about: 'docs/explorations.md says what the tests explore',
    command: ts('tools/check/src/explored/main.ts'),
  },
  {
    name: 'examples',
    about: 'README examples, against the sources',
    beside: 'examples',
    command: ts('tools/check/src/examples/main.ts'),
  },
  {
    name: 'consumer',
    about: 'README examples, from the packed packages',
    beside: 'examples',
    command: ts('tools/consumer/src/main.ts'),
  },
];

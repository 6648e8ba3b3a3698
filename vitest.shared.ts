import { fileURLToPath } from 'node:url';
import type { ViteUserConfig } from 'vitest/config';
import { coroutine } from './packages/coroutine/src/vite/index.ts';

/**
 * One configuration for all packages. Vitest hands these conditions on to its own process, so
 * worker threads that a test starts resolve workspace packages to their TypeScript source too.
 * Node adds `import` or `require` to them as the case is: to insist on `import` here would give a
 * `require` inside somebody's CommonJS a module that it does not expect.
 */
const conditions = ['@percpu/source', 'node'];

/** By path: what is imported here counts as imported by every package. */
const explored = fileURLToPath(new URL('./tools/check/src/explored/reporter.ts', import.meta.url));

export const shared: ViteUserConfig = {
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: [process.env.CI ? 'default' : 'dot', explored],
    projects: [
      { extends: true, test: { name: 'spec', include: ['test/**/*.spec.ts'] } },
      {
        // Whatever these files load can be stopped at every access to shared memory.
        extends: true,
        // Users' own code, and what we have for it, knows nothing of the seam.
        plugins: [
          coroutine({
            atomics: ['/test/own-code/', '/locks/src/threads/', '/test/explore/threads/'],
          }),
        ],
        test: { name: 'explore', include: ['test/**/*.explore.ts'] },
      },
    ],
  },
};

import type { ViteUserConfig } from 'vitest/config';

/**
 * One configuration for all packages. Vitest hands these conditions on to its own process, so
 * worker threads that a test starts resolve workspace packages to their TypeScript source too.
 * `resolve.conditions` replaces Vite's defaults, so those are listed as well.
 */
const conditions = ['@percpu/source', 'module', 'node', 'import', 'default'];

export const shared: ViteUserConfig = {
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ['test/**/*.spec.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: process.env.CI ? ['default'] : ['dot'],
  },
};

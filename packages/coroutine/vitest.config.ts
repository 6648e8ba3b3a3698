import { defineConfig } from 'vitest/config';
import { shared } from '../../vitest.shared.ts';
import { coroutine } from './src/vite/index.ts';

export default defineConfig({
  ...shared,
  plugins: [
    coroutine({
      include: [/\/packages\/(experiment|memory|machine|locks)\/src\//, '/test/programs/'],
      atomics: ['/test/programs/direct-'],
    }),
  ],
});

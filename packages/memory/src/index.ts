export type * from './memory.ts';
export { CACHE_LINE, NULL, PAGE_SIZE } from './memory.ts';

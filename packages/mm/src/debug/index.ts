export { reportPageLeaks } from './page-leaks.ts';
export type { PageLeak } from './page-leaks.ts';

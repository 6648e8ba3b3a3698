export * from './gfp.ts';

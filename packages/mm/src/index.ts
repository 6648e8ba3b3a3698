export * from './gfp.ts';
export * from './mm-parameters.ts';
export * from './page/index.ts';
export * from './fault-injection/index.ts';
export * from './debug/index.ts';
export * from './slab/index.ts';
export * from './mempool/index.ts';

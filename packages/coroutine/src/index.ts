/** @percpu/coroutine: gives functions twins that are suspended at every shared access. */
export { CoroutineError } from './coroutine-error.ts';
export { transform } from './transform.ts';
export type { SourceMap, Transformed, TransformOptions } from './transform.ts';

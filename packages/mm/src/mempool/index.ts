export {
  mempoolCreate,
  mempoolCreateKmallocPool,
  mempoolCreateKzallocPool,
  mempoolCreatePagePool,
  mempoolCreateSlabPool,
  mempoolDestroy,
  mempoolResize,
} from './create.ts';
export { mempoolAlloc, mempoolFree } from './mempool.ts';
export { Mempool } from './mempool-layout.ts';

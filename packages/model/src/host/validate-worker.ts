/**
 * Validation takes seconds of arithmetic: in a thread of its own, so that whoever asked stays awake. It runs locks as they are,
 * so the transform is in front of everything that it loads.
 */
import { parentPort } from 'node:worker_threads';
import { registerCoroutine } from '@percpu/coroutine/hooks';

registerCoroutine();
const { validate } = await import('../validation/validate.ts');

const validation = validate((share, doing) => {
  parentPort!.postMessage({ share, doing });
});
parentPort!.postMessage({ validation });

/** Validation takes seconds of arithmetic: in a thread of its own, so that whoever asked stays awake. */
import { parentPort } from 'node:worker_threads';
import { validate } from '../validation/validate.ts';

const validation = validate((share, doing) => {
  parentPort!.postMessage({ share, doing });
});
parentPort!.postMessage({ validation });

/**
 * A thread that models points, one after the other. It has the transform in front of everything that it loads afterwards, so that
 * the very modules a machine of threads would run are the ones that are modelled.
 */
import { parentPort } from 'node:worker_threads';
import { registerCoroutine } from '@percpu/coroutine/hooks';
import type { Registry } from '@percpu/experiment';
import type { PointAnswer, PointRequest } from './point-messages.ts';

registerCoroutine();
// Behind the hook: what these import has to come through it.
const { findByName } = await import('@percpu/experiment');
const { measurePoint } = await import('../point.ts');

parentPort!.on('message', (request: PointRequest) => {
  void answer(request).then((message) => {
    parentPort!.postMessage(message);
  });
});

async function answer({ module, cell, profile, declares }: PointRequest): Promise<PointAnswer> {
  try {
    const { experiments } = (await import(module)) as Pick<Registry, 'experiments'>;
    const experiment = findByName(experiments, cell.experiment);
    const seconds = (): number => performance.now() / 1000;
    return { measured: measurePoint({ profile, experiment, cell, declares, seconds }) };
  } catch (error) {
    if (!(error instanceof Error)) return { failed: String(error), stack: undefined };
    return { failed: error.message, stack: error.stack };
  }
}

/** What piscina loads: as little as possible, for from source the rest comes from the bundle. */
import type { WorkerTask } from './messages.ts';
import { serveBundle } from './serve-bundle.ts';
import { sibling } from './sibling.ts';

export default async function start(task: WorkerTask): Promise<void> {
  if (task.bundle !== undefined) serveBundle(task.bundle);
  const worker = (await import(sibling(import.meta.url, './worker').href)) as {
    runWorker(task: WorkerTask): Promise<void>;
  };
  await worker.runWorker(task);
}

/** What piscina loads: as little as possible, for the rest comes from the module cache. */
import type { WorkerTask } from './messages.ts';
import { serveModules } from './module-cache.ts';
import { sibling } from './sibling.ts';

export default async function start(task: WorkerTask): Promise<void> {
  serveModules(task.modules);
  const worker = (await import(sibling(import.meta.url, './worker').href)) as {
    runWorker(task: WorkerTask): Promise<void>;
  };
  await worker.runWorker(task);
}

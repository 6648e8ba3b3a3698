/** The entry of a worker thread of a `workerTeam`: attaches one peer, then runs a window for each message. */
import { parentPort, workerData } from 'node:worker_threads';
import { inWindow } from '../in-window.ts';
import type { Window } from '../team.ts';
import type { Peer, WorkerStart } from '../worker-team.ts';

const { module, shared, thread, threads, startLine } = workerData as WorkerStart;
const port = parentPort!;
const peer = (await import(module)) as Peer;
const batch = await peer.attach(shared, thread);

port.on('message', (window: Window) => {
  port.postMessage(inWindow(startLine, threads, batch, window));
});
port.postMessage('ready');

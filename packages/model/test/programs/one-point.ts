/** Prints everything that one point of lock-handover comes to, but for the host time it took. */
import { chooseCell, findByName } from '@percpu/experiment';
import { experiments } from '@percpu/locks/experiments';
import { engine } from '../../src/host/engine.ts';

const [variant = 'ticket', cpus = '8'] = process.argv.slice(2);
const entry = findByName(experiments, 'lock-handover');
const cell = chooseCell(entry, {
  variant,
  clock: 'model',
  cpus: Number(cpus),
  window: engine.window(Number(cpus)),
});
const module = import.meta.resolve('@percpu/locks/experiments');
const { signal } = new AbortController();
const { measure } = engine.open({ profile: 'xeon-skx-8s', cwd: process.cwd() });
const { cpus: measured, model } = await measure({
  found: { module, entry, parameters: [] },
  cell,
  signal,
});
process.stdout.write(JSON.stringify({ measured, model: { ...model, seconds: 0 } }));

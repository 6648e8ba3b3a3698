/**
 * A callback that outlives its module. The address is still in a queue when the module's text is unmapped;
 * whoever calls it next oopses, and the report says which function used to be there.
 */
import { scenario } from '@percpu/experiment';
import type { Scenario } from '@percpu/experiment';
import { Machine, MachineCrash, sibling } from '../../boot/index.ts';

const program = sibling(import.meta.url, './programs/vanished-text');

/** Unloads the module with (or without) waiting for the callback first; what came of it. */
async function unload(waits: boolean): Promise<string> {
  const machine = await Machine.boot({ cpus: 2 });
  try {
    const [, calls] = await machine.run<number>({ module: program, args: { waits } });
    return `unloaded after ${String(calls)} call`;
  } catch (error) {
    if (error instanceof MachineCrash) return error.reason;
    throw error;
  } finally {
    await machine.shutdown();
  }
}

export const vanishedText: Scenario = scenario({
  name: 'vanished-text',
  title: 'A callback into a module that was unloaded',
  description:
    'CPU 1 is about to call a function of a module by its address when CPU 0 unloads the module. If CPU 0 waits for the ' +
    'call, nothing happens; if not, CPU 1 must oops, and the oops must name the function that used to be there.',
  cpus: 2,
  async run(host) {
    const waited = await unload(true);
    host.log(`unload waits: ${waited}`);
    const hasty = await unload(false);
    host.log(`unload does not wait: ${hasty}`);
    const named = hasty.includes('unable to handle page fault') && hasty.includes('[pump]');
    return {
      verdict: waited === 'unloaded after 1 call' && named ? 'pass' : 'fail',
      facts: { waited, hasty },
    };
  },
});

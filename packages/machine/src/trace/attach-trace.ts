import type { Cpu } from '../cpu.ts';
import { CoreTracepoints } from './core-tracepoints.ts';
import type { CoreTrace } from './core-tracepoints.ts';
import { trace } from './trace-registry.ts';

/**
 * Connects this CPU's core tracepoints. When it starts, and after it has entered the online mask: a
 * change made before that did not reach it, one made after it does. A CPU that comes back only brings
 * up to date what it has (traceOnlineCpu).
 */
export function attachTrace(cpu: Cpu): void {
  const registry = cpu.use(trace);
  for (const key of Object.keys(CoreTracepoints) as (keyof CoreTrace)[]) {
    const at = registry.eventOf(CoreTracepoints[key]);
    if (registry.siteAt(at) === undefined) {
      registry.connect(cpu.trace[key], at);
    }
  }
  cpu.text.define('traceOnlineCpu', (self) => {
    self.use(trace).refreshAll();
    return 0;
  });
  registry.refreshAll();
}

import type { Cpu } from '../cpu.ts';
import { CoreTracepoints } from './core-tracepoints.ts';
import type { CoreTrace } from './core-tracepoints.ts';
import { trace } from './trace-registry.ts';

/**
 * Connects this CPU's core tracepoints. When it starts, and after it has entered the online mask: a
 * change made before that is seen here, one made after it comes as an IPI. A CPU that comes back only
 * brings up to date what it has (traceOnlineCpu).
 */
export function attachTrace(cpu: Cpu): void {
  const keys = Object.keys(CoreTracepoints) as (keyof CoreTrace)[];
  cpu.use(trace).connect(keys.map((key) => [cpu.trace[key], CoreTracepoints[key]] as const));
  cpu.text.define('traceOnlineCpu', (self) => {
    self.use(trace).refreshAll();
    return 0;
  });
}

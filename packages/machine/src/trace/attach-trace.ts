import type { Cpu } from '../cpu.ts';
import { trace } from './trace-registry.ts';

/**
 * Connects this CPU's core tracepoints. When it starts, and after it has entered the online mask: a
 * change made before that is seen here, one made after it comes as an IPI. A CPU that comes back only
 * brings up to date what it has (traceOnlineCpu).
 */
export function attachTrace(cpu: Cpu): void {
  cpu.use(trace).connectCore(cpu.trace);
  cpu.text.define('traceOnlineCpu', (self) => {
    self.use(trace).refreshAll();
    return 0;
  });
}

/**
 * Puts the calling thread on one core. The scheduler of the host may keep two threads that wake each other on the same core while another
 * one is idle: then they take turns, and no line is ever transferred.
 */
import { execFileSync } from 'node:child_process';
import { readlinkSync } from 'node:fs';

/** False where the host does not let us: no /proc, or no taskset(1) of util-linux. Node itself cannot. */
export function pinThisThread(core: number): boolean {
  try {
    const thread = readlinkSync('/proc/thread-self').split('/').at(-1)!;
    execFileSync('taskset', ['-cp', String(core), thread], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

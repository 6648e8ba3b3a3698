/** For whoever waits for a search and loses patience. */
export function nothingHeard(name: string, seconds: number, schedules: number): string {
  return (
    `exploration ${name}: nothing heard of it for ${seconds} s, after ${schedules} schedules: a program goes on without touching shared memory, ` +
    'and code can be stopped only where it does. Look for a loop without an access'
  );
}

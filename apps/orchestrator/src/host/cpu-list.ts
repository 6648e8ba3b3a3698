/**
 * Reads the kernel's list format, as in /sys/devices/system/cpu/online: `0-3,8` is 0 1 2 3 8.
 * Anything else gives an empty list: what a host says about itself is never an error.
 */
export function readCpuList(text: string): number[] {
  const cpus: number[] = [];
  for (const part of text.trim().split(',')) {
    const match = /^(\d+)(?:-(\d+))?$/.exec(part.trim());
    if (match === null) return [];
    const first = Number(match[1]);
    const last = match[2] === undefined ? first : Number(match[2]);
    for (let cpu = first; cpu <= last && cpus.length < 65_536; cpu++) cpus.push(cpu);
  }
  return cpus;
}

/** Linux: the form of /sys/devices/system/cpu/online. CPUs 0, 1, 2 and 5, in any order, are `0-2,5`. */
export function formatCpuList(cpus: readonly number[]): string {
  const sorted = [...cpus].sort((a, b) => a - b);
  const runs: string[] = [];
  for (let i = 0; i < sorted.length; i++) {
    const first = sorted[i]!;
    while (sorted[i + 1] === sorted[i]! + 1) i++;
    runs.push(sorted[i] === first ? `${first}` : `${first}-${sorted[i]!}`);
  }
  return runs.join(',');
}

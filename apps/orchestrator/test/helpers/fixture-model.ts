/**
 * A model that takes no time: a shared counter whose line goes round. What it says is made up; how it
 * is asked is what the tests are about.
 */
export const FIXTURE_MODEL: string = `
const known = [
  { name: 'round-table', title: 'Round Table, 512 CPUs', source: 'made up', boundaries: [64] },
  { name: 'square-table', source: 'made up as well' },
];
function find(profile = 'round-table') {
  const found = known.find(({ name }) => name === profile);
  if (found) return found;
  throw new Error(\`unknown profile "\${profile}"; known are \${known.map(({ name }) => name).join(', ')}\`);
}
async function measure({ cell, signal }) {
  signal.throwIfAborted();
  const n = cell.cpus.length;
  const { kind, measureNs, calls } = cell.window;
  const ns = kind === 'time' ? measureNs : calls * 10 * n;
  if (n > 400 && cell.seed === 13) throw new Error('CPU 400 fell off the table');
  const operations = kind === 'time' ? Math.round(ns / (10 * n)) : calls;
  const cpuNs = ns * n;
  const field = { name: 'value', accesses: operations * n, transfers: operations * n,
    transferNs: cpuNs * 0.4, waitNs: cpuNs * 0.3, lockWaitNs: 0 };
  return {
    cpus: cell.cpus.map((cpu) => ({ cpu, repeats: [{ operations, beganNs: 0, endedNs: ns }] })),
    model: { profile: 'round-table', seconds: 0, accesses: operations * n, cpuNs,
      where: { compute: cpuNs * 0.3, transfer: cpuNs * 0.7, lockWait: 0, ipi: 0, idle: 0 },
      lines: [{ name: 'counter', fields: [field], transferNs: cpuNs * 0.4, waitNs: cpuNs * 0.3 }] },
  };
}
const curve = (name, pass) => ({ name, machine: 'Round Table', pass, signs: true, knee: pass, endRatio: 1.25,
  points: [{ cpus: 1, published: 10, model: 11 }, { cpus: 8, published: 4, model: 5 }] });
export const engine = {
  clock: 'model',
  profiles: known,
  open: ({ profile }) => (find(profile), { measure }),
  describe: ({ profile }) => find(profile),
  window: (cpus) => ({ kind: 'time', warmUpNs: 100, measureNs: 10_000 * cpus }),
  async calibrate({ progress }) {
    progress(0.5, 'pairs of cores');
    return { name: 'this-host', transferNs: 50 };
  },
  validate: async () => ({ curves: [curve('C', true), curve('G', true)] }),
};
`;

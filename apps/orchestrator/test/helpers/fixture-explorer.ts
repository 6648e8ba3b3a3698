/** An explorer that finds what the name of an exploration says. How it is asked is what the tests are about. */
export const FIXTURE_EXPLORER: string = `
function failure(kind) {
  return { kind, message: 'both were inside', replay: "v1:0>lock#1 it's 1>lock#1",
    table: 'step  CPU 0  CPU 1\\n   1  lock\\n   2         lock\\n' };
}
function wrong(name, message) { return Object.assign(new Error(message), { name }); }
export const explorer = {
  strategies: ['exhaustive', 'random'],
  async explore({ name, module, strategy = 'exhaustive', schedules = 34, seed, replay, signal, progress }) {
    if (replay !== undefined && !replay.startsWith('v1:')) {
      throw wrong('ReplayError', 'made for other code: expected v1:, met ' + replay.slice(0, 3));
    }
    if (name.endsWith('crashes')) throw new Error('shared access outside a controlled frame (' + module + ')');
    progress({ schedules: 10, seconds: 20 });
    if (name.endsWith('forever')) {
      process.kill(process.pid, 'SIGINT');
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('given up'))));
    }
    const kind = name.split('-').find((word) => ['race', 'deadlock'].includes(word));
    return { name, strategy: strategy + (seed === undefined ? '' : ' ' + seed),
      schedules: replay === undefined ? schedules : 1, exhausted: schedules === 34, accesses: 340, seconds: 2,
      schedulesPerSecond: 17, accessesPerSecond: 170, failures: kind === undefined ? [] : [failure(kind)] };
  },
};
`;

/** Explorations as a package would export them; only what the command looks at. */
export const FIXTURE_EXPLORATIONS: string = `
const one = (name, mustFind) => ({ name, description: 'About ' + name + '.', mustFind });
export const explorations = [
  one('made-clean'),
  one('made-race'),
  one('made-race-twin', { kind: 'race', message: /inside/ }),
  one('made-deadlock-twin', { kind: 'race' }),
  one('made-quiet-twin', { kind: 'race' }),
  one('made-crashes'),
  one('made-forever'),
];
`;

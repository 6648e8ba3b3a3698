import { availableParallelism } from 'node:os';
import { describe, expect, test } from 'vitest';
import { groupCores } from '../src/host/calibrate/clusters.ts';
import { calibrate } from '../src/host/calibrate/calibrate.ts';
import { gripOf, transferOf } from '../src/host/calibrate/transfer.ts';
import { checkProfile } from '../src/profile/check-profile.ts';
import { costsOf } from '../src/profile/costs.ts';
import { PROFILES } from '../src/profile/profiles.ts';
import { Level, Topology } from '../src/profile/topology.ts';
import { nsBetweenOperations } from '../src/validation/bare-run.ts';

/** Distances of a machine whose cores are numbered group by group, inner groups first. */
function machine(
  cores: number,
  levels: readonly (readonly [size: number, ns: number])[],
): number[][] {
  const within = (a: number, b: number): number =>
    levels.find(([size]) => Math.floor(a / size) === Math.floor(b / size))![1];
  return Array.from({ length: cores }, (_, a) =>
    Array.from({ length: cores }, (_, b) =>
      a === b ? 0 : within(a, b) * (1 + ((a * 7 + b) % 5) / 50),
    ),
  );
}

describe('cores are grouped by what a line takes between them', () => {
  test.each([
    [
      'two cores',
      machine(2, [[2, 50]]),
      { sockets: 1, llcsPerSocket: 1, coresPerLlc: 2, threadsPerCore: 1 },
    ],
    [
      'one cache',
      machine(8, [[8, 50]]),
      { sockets: 1, llcsPerSocket: 1, coresPerLlc: 8, threadsPerCore: 1 },
    ],
    [
      'pairs of threads',
      machine(8, [
        [2, 10],
        [8, 50],
      ]),
      { sockets: 1, llcsPerSocket: 1, coresPerLlc: 4, threadsPerCore: 2 },
    ],
    [
      'caches of four',
      machine(16, [
        [4, 23],
        [16, 107],
      ]),
      { sockets: 1, llcsPerSocket: 4, coresPerLlc: 4, threadsPerCore: 1 },
    ],
    [
      'caches, sockets',
      machine(32, [
        [2, 10],
        [8, 23],
        [16, 107],
        [32, 220],
      ]),
      { sockets: 2, llcsPerSocket: 2, coresPerLlc: 4, threadsPerCore: 2 },
    ],
    [
      'noise is no group',
      machine(4, [
        [3, 20],
        [4, 90],
      ]),
      { sockets: 1, llcsPerSocket: 1, coresPerLlc: 4, threadsPerCore: 1 },
    ],
  ])('%s', (_name, distances, topology) => {
    expect(groupCores(distances).topology).toMatchObject(topology);
  });
});

test('a ping-pong on the modelled machine is calibrated to the transfer that the machine has', () => {
  const [profile] = PROFILES;
  const costs = costsOf(profile!);
  const WORD = 0x2000;
  const options = {
    topology: new Topology(profile!.topology, 2),
    costs,
    seed: 1,
    warmUp: 10,
    operations: 1000,
  };
  const oneWay = nsBetweenOperations(options, function* (cpu) {
    for (let turn = cpu.id; ; turn += 2) {
      while ((yield* cpu.access((memory) => memory.load(WORD))) !== turn);
      yield* cpu.access((memory) => memory.store(WORD, turn + 1));
      cpu.count();
    }
  });
  const found = transferOf(oneWay, costs);
  expect(Math.abs(found / costs.transfer[Level.llc]! - 1)).toBeLessThan(0.05);
});

test.each([
  ['epyc-milan-2s', 6.5],
  ['xeon-skx-8s', 22.3],
])('%s goes on using a line for as long as its contended increments say', (name, interval) => {
  const profile = PROFILES.find((one) => one.name === name)!;
  const { llc, rmw, grip } = profile.figures;
  expect(gripOf(interval, llc!.value, rmw!.value)).toBeCloseTo(grip!.value, 3);
});

test.runIf(availableParallelism() > 1)('what a calibration writes is a profile', async () => {
  const told: number[] = [];
  const profile = await calibrate({ progress: (share) => told.push(share) });
  expect(checkProfile(structuredClone(profile))).toEqual(profile);
  expect(profile.figures.llc).toMatchObject({ trust: 'measured' });
  expect(told.at(-1)).toBe(1);
});

test('given up in the middle', async () => {
  await expect(calibrate({ signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow(
    /enough|one core/,
  );
});

/** `npm run bench -w @percpu/explore`: runs a second, with all observers, of a litmus test and of a lock. */
import { search, STRATEGY_NAMES } from '../../src/index.ts';
import type { StrategyName } from '../../src/index.ts';
import { contendedMcs, storeBuffering } from './workloads.ts';

const GOALS = [
  [storeBuffering, 20_000],
  [contendedMcs, 1_000],
] as const;
const RUNS = 5;
const SECONDS = 1;

function speed(
  exploration: (typeof GOALS)[number][0],
  strategy: StrategyName,
): readonly [number, number] {
  const start = performance.now();
  let schedules = 0;
  let accesses = 0;
  // An exhaustive search of a small test is over in no time: again and again then.
  for (let elapsed = 0; elapsed < SECONDS; elapsed = (performance.now() - start) / 1000) {
    const result = search(exploration, {
      strategy,
      schedules: 1_000_000,
      goOn: () => performance.now() - start < SECONDS * 1000,
    });
    if (result.failures.length > 0) throw new Error(result.failures[0]!.finding.message);
    schedules += result.schedules;
    accesses += result.accesses;
  }
  const seconds = (performance.now() - start) / 1000;
  return [schedules / seconds, accesses / seconds];
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1]!;
const thousands = (value: number): string => Math.round(value).toLocaleString('en').padStart(10);

console.log(`median of ${RUNS} interleaved runs of ${SECONDS} s, with all observers`);
console.log('exploration          strategy    schedules/s accesses/s     goal');
const cells = GOALS.flatMap(([exploration, goal]) =>
  STRATEGY_NAMES.map((strategy) => ({
    exploration,
    goal,
    strategy,
    speeds: [] as (readonly [number, number])[],
  })),
);
for (let run = 0; run <= RUNS; run++) {
  for (const { exploration, strategy, speeds } of cells) {
    const measured = speed(exploration, strategy);
    // The first one warms up.
    if (run > 0) speeds.push(measured);
  }
}
for (const { exploration, goal, strategy, speeds } of cells) {
  const schedules = median(speeds.map(([value]) => value));
  const accesses = median(speeds.map(([, value]) => value));
  console.log(
    `${exploration.name.padEnd(20)} ${strategy.padEnd(11)} ${thousands(schedules)} ${thousands(accesses)}  ` +
      `×${(schedules / goal).toFixed(1)} of ${goal}`,
  );
}

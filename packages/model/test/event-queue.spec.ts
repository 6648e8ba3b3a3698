import { expect, test } from 'vitest';
import { seededRandom } from '@percpu/experiment';
import { EventQueue } from '../src/clock/event-queue.ts';

test('the earliest first, the lower number first among equals, whatever was moved or taken out', () => {
  const CPUS = 37;
  const random = seededRandom(7);
  const queue = new EventQueue(CPUS);
  const truth = new Map<number, number>();
  for (let turn = 0; turn < 20_000; turn++) {
    const cpu = random.below(CPUS);
    const time = random.below(50);
    const what = random.below(4);
    if (what === 0) {
      queue.remove(cpu);
      truth.delete(cpu);
    } else if (what === 1) {
      queue.advance(cpu, time);
      if (time < (truth.get(cpu) ?? Infinity)) truth.set(cpu, time);
    } else {
      queue.set(cpu, time);
      truth.set(cpu, time);
    }
    const [first] = [...truth].sort(([a, s], [b, t]) => s - t || a - b);
    expect([queue.cpu, queue.time]).toEqual(first ?? [-1, Infinity]);
  }
});

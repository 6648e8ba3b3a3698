import { describe, expect, test } from 'vitest';
import { createMemory, hostClock, hostClockSeconds, waitOnHost } from '../src/index.ts';
import { BYTES, EVERY_MODE, withLine } from './every-memory.ts';

describe.each(EVERY_MODE)('%s', (_name, mode) => {
  test.each([
    // case, word, waits for, timeout in ns, answer
    ['another value is there', 1, 0, undefined, 'not-equal'],
    ['no time at all', 0, 0, 0, 'timed-out'],
    ['nobody notifies', 0, 0, 1_000, 'timed-out'],
    ['the value has its top bit set', 0x8000_0000, 0x8000_0000, 1_000, 'timed-out'],
  ] as const)('wait: %s', (_case, word, expected, timeout, answer) => {
    const { memory, at } = withLine(mode);
    memory.store(at, word);
    expect(memory.wait(at, expected, timeout)).toBe(answer);
  });

  test('notify says how many it woke', async () => {
    const { memory, at } = withLine(mode);
    expect(memory.notify(at)).toBe(0);
    const waiters = [0, 1, 2].map(() => waitOnHost(memory, at, 0));
    // Each call runs up to its wait before it returns.
    expect(memory.notify(at, 2)).toBe(2);
    expect(memory.notify(at)).toBe(1);
    expect(await Promise.all(waiters)).toEqual(['ok', 'ok', 'ok']);
  });

  test('waitOnHost: what it answers without a notify', async () => {
    const { memory, at } = withLine(mode);
    expect(await waitOnHost(memory, at, 1)).toBe('not-equal');
    expect(await waitOnHost(memory, at, 0, 1)).toBe('timed-out');
  });

  test('pause and describe do nothing that can be seen', () => {
    const { memory, at } = withLine(mode);
    memory.pause();
    memory.describe(at, { layoutName: 'Nothing', size: 4, align: 4, fields: [] });
    expect(memory.load(at)).toBe(0);
  });
});

test('now: starts near zero, never runs backwards, and attached memories share it', () => {
  const memory = createMemory({ bytes: BYTES, backend: 'atomics' });
  const other = createMemory({ native: memory.native!, backend: 'wasm' });
  const looks = [memory.now(), other.now(), memory.now(), other.now()];
  expect(looks[0]).toBeGreaterThanOrEqual(0);
  // An hour, for a host that was suspended in between.
  expect(looks[0]).toBeLessThan(3_600e9);
  // The two agree to well below a millisecond.
  for (const [index, look] of looks.entries()) {
    if (index > 0) expect(look).toBeGreaterThan(looks[index - 1]! - 1e6);
  }
});

test('now: a clock of our own is used as it is', () => {
  let time = 41;
  const memory = createMemory({ bytes: BYTES, backend: 'atomics', clock: () => ++time });
  expect([memory.now(), memory.now()]).toEqual([42, 43]);
});

test('hostClock: counts from the origin it is given', () => {
  const seconds = hostClockSeconds();
  const early = hostClock(seconds - 10)();
  const late = hostClock(seconds)();
  expect(late - early).toBeGreaterThan(-11e9);
  expect(late - early).toBeLessThan(-9e9);
});

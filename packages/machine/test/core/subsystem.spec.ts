import { expect, test } from 'vitest';
import { Machine } from '../../src/boot/index.ts';

const module = new URL('../programs/subsystems.ts', import.meta.url);

test('is created once, by whoever comes first, and attached once by every CPU', async () => {
  await using machine = await Machine.boot({ cpus: 5 });
  const views = await machine.run({ module });
  expect(views).toEqual(views.map((_, cpu) => ({ at: true, created: 1, same: true, cpu })));
  expect(await machine.run({ module, export: 'attached' }, { cpus: [3] })).toContain(5);
});

test('that needs itself while it is created is a BUG, not a deadlock', async () => {
  await using machine = await Machine.boot({ cpus: 1 });
  await expect(machine.run({ module, export: 'needsItself' })).rejects.toThrow(
    /kernel BUG: subsystem ouroboros needs itself while it is created/,
  );
});

import { expect, test } from 'vitest';
import {
  DefinitionError,
  playScenario,
  scenario,
  type Scenario,
  type ScenarioHost,
} from '../src/index.ts';

const story = {
  name: 'pump',
  title: 'A story',
  description: 'What happens.',
  cpus: 2,
  run: async () => ({ verdict: 'pass', facts: {} }),
} as const;

function host(): ScenarioHost & { lines: string[] } {
  const lines: string[] = [];
  return { seed: 3, signal: new AbortController().signal, lines, log: (line) => lines.push(line) };
}

test.each([
  [{ name: 'Pump' }, "a scenario's name must be kebab-case"],
  [{ title: '' }, 'scenario pump: title must say something; got ""'],
  [{ cpus: 0 }, 'scenario pump: cpus must be 1 to 4096; got 0'],
  [{ run: 'go' }, 'scenario pump: run must be a function'],
])('%j is refused', (change, message) => {
  const make = (): Scenario => scenario({ ...story, ...change } as never);
  expect(make).toThrow(DefinitionError);
  expect(make).toThrow(message);
});

test('a played scenario has verdict, facts and its log, which the host hears as well', async () => {
  const listening = host();
  const played = scenario({
    ...story,
    run: async ({ seed, log }: ScenarioHost) => {
      log('begun');
      return { verdict: 'pass', facts: { seed, nested: [{ lost: 0 }] } };
    },
  });
  expect(await playScenario(played, listening)).toEqual({
    name: 'pump',
    verdict: 'pass',
    facts: { seed: 3, nested: [{ lost: 0 }] },
    log: ['begun'],
  });
  expect(listening.lines).toEqual(['begun']);
});

test('a scenario that throws has failed', async () => {
  const played = scenario({ ...story, run: async () => Promise.reject(new Error('oops: CPU 1')) });
  expect(await playScenario(played, host())).toMatchObject({
    verdict: 'fail',
    facts: { error: 'oops: CPU 1' },
  });
});

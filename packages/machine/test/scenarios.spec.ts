import { expect, test } from 'vitest';
import { playScenario } from '@percpu/experiment';
import { scenarios } from '../src/experiments/index.ts';

const silent = { seed: 1, signal: new AbortController().signal, log: () => undefined };

/** Each story has its twin inside: the same program with the mistake must end badly, and say how. */
test.each([
  ['deaf-spinner', { withRelax: 'completed', withoutRelax: /soft lockup - CPU#1 stuck/ }],
  ['vanished-text', { waited: 'unloaded after 1 call', hasty: /page fault .*pump_work.*\[pump\]/ }],
])('%s', async (name, facts) => {
  const story = scenarios.find((one) => one.name === name);
  const report = await playScenario(story!, silent);
  expect(report.verdict).toBe('pass');
  for (const [fact, told] of Object.entries(facts)) expect(report.facts[fact]).toMatch(told);
});

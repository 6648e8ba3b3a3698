import type { Step } from './run-steps.ts';

/** The steps named in `only` (separated by commas), in their usual order; all without it. */
export function chooseSteps(steps: readonly Step[], only: string | undefined): readonly Step[] {
  if (only === undefined) return steps;
  const wanted = only.split(',').map((name) => name.trim());
  const unknown = wanted.filter((name) => !steps.some((step) => step.name === name));
  if (unknown.length > 0) {
    const names = steps.map(({ name }) => name).join(', ');
    throw new Error(`there is no step ${unknown.join(', ')}; there are ${names}`);
  }
  return steps.filter(({ name }) => wanted.includes(name));
}

/** The explorations that the explorer brings itself: litmus tests, and their plain forms, which are races. */
import { explorationList } from '@percpu/experiment';
import type { Exploration } from '@percpu/experiment';
import { hasPlainForm, litmus } from '../litmus/litmus-test.ts';
import { LITMUS_TESTS } from '../litmus/tests.ts';

export const explorations: readonly Exploration[] = explorationList(
  LITMUS_TESTS.flatMap((test) =>
    hasPlainForm(test) ? [litmus(test), litmus(test, 'plain')] : [litmus(test)],
  ),
);

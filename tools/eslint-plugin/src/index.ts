/** The house rules of percpu that a linter can check. CONTRIBUTING.md gives the reasons. */
import { noAccessInUncontrolledPlace } from './rules/no-access-in-uncontrolled-place.ts';
import { noModuleState } from './rules/no-module-state.ts';
import { seamOnly } from './rules/seam-only.ts';
import { spinLoopRelaxes } from './rules/spin-loop-relaxes.ts';

export default {
  rules: {
    'no-access-in-uncontrolled-place': noAccessInUncontrolledPlace,
    'no-module-state': noModuleState,
    'seam-only': seamOnly,
    'spin-loop-relaxes': spinLoopRelaxes,
  },
};

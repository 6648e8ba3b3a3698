/** The profiles that come with this package, the default first. */
import { EPYC_MILAN_2S } from './published/epyc-milan-2s.ts';
import { OPTERON_2S_2008 } from './published/opteron-2s-2008.ts';
import { XEON_ICX_2S } from './published/xeon-icx-2s.ts';
import { XEON_SKX_8S } from './published/xeon-skx-8s.ts';
import { XEON_HSX_4S } from './published/xeon-hsx-4s.ts';
import type { Profile } from './profile.ts';

export const PROFILES: readonly Profile[] = Object.freeze([
  EPYC_MILAN_2S,
  XEON_ICX_2S,
  XEON_SKX_8S,
  XEON_HSX_4S,
  OPTERON_2S_2008,
]);

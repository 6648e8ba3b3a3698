export { measurePoint } from './point.ts';
export type { PointOptions } from './point.ts';
export { ProfileError, checkProfile } from './profile/check-profile.ts';
export { FIGURE_NAMES, FIGURES } from './profile/figures.ts';
export type { Figure, FigureName, Trust } from './profile/figures.ts';
export type { Profile, TopologyFigures } from './profile/profile.ts';
export { PROFILES } from './profile/profiles.ts';
export { boundariesOf } from './profile/topology.ts';

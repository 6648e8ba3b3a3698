/** @percpu/coroutine/runtime: what transformed code, simulated memories and drivers share. No dependencies. */
export { R, TWIN, YIELD } from './registers.ts';
export type { Registers, Yield } from './registers.ts';
export { describeSite, registerSites, siteInfo } from './sites.ts';
export type { SiteInfo, SiteRow } from './sites.ts';
export {
  lostAccess,
  putOff,
  takeSite,
  uncontrolledAccess,
  UncontrolledAccessError,
} from './uncontrolled.ts';
export { delegate, generatorTwin, isControlled, step, twin, twinOf } from './twin.ts';
export type { Coroutine, Twin } from './twin.ts';
export { begin, Frame } from './frame.ts';
export type { FrameResult } from './frame.ts';
export type { AtomicsHooks, ElementHooks } from './hooks.ts';
export {
  bind,
  callable,
  generatorBody,
  methodTwin,
  propertyKey,
  settled,
  template,
  twinsWithSuper,
} from './emitted.ts';
export { iterate, wasLeft } from './iterate.ts';
export { atomic, elementTarget, getElement, setElement } from './direct.ts';

export { allocPages, tryAllocPages } from './alloc-pages.ts';
export { freePages, getPage, pageCount, putPage } from './free-pages.ts';
export { buddyInfo, pagesOnList, zoneInfo } from './buddyinfo.ts';
export type { ZoneInfo } from './buddyinfo.ts';
export { compoundHead, mmView, pageAddress, virtToPage } from './mm-view.ts';
export type { MmView } from './mm-view.ts';
export { memallocNoreclaimRestore, memallocNoreclaimSave } from './memalloc.ts';
export { COSTLY_ORDER, MAX_ORDER, Page } from './page-layout.ts';
export { registerShrinker, Shrinker, unregisterShrinker } from './reclaim.ts';

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { ChartLibrary } from './page.ts';

/** Reads uPlot from the installed package, as it is inlined into every report. */
export function loadChartLibrary(): ChartLibrary {
  const entry = createRequire(import.meta.url).resolve('uplot');
  const folder = dirname(entry);
  return {
    script: readFileSync(join(folder, 'uPlot.iife.min.js'), 'utf8'),
    style: readFileSync(join(folder, 'uPlot.min.css'), 'utf8'),
  };
}

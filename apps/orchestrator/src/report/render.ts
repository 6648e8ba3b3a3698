import type { RunRecord } from '../record/record.ts';
import { toReportModel } from './from-record.ts';
import { loadChartLibrary } from './library.ts';
import { renderPage } from './page.ts';

/** The report of a run: one HTML document that needs nothing but itself. */
export function renderReport(record: RunRecord): string {
  return renderPage(toReportModel(record), loadChartLibrary());
}

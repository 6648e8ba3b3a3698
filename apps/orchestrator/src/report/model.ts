import type { ChartData } from './client/chart-data.ts';

/** Everything the page says, in the order in which it says it; texts are final, nothing is HTML. */
export interface ReportModel {
  readonly title: string;
  /** One-line facts below the title: date, host, cores, Node. */
  readonly facts: readonly string[];
  /** What a reader must know before believing a figure: load, too few repeats, failures. */
  readonly notices: readonly string[];
  readonly headlines: readonly HeadlineModel[];
  readonly sections: readonly SectionModel[];
  readonly host: readonly (readonly [name: string, value: string])[];
  /** The command that repeats the whole run. */
  readonly command: string;
}

export interface HeadlineModel {
  readonly value: string;
  readonly label: string;
  readonly detail: string;
}

export interface SectionModel {
  readonly title: string;
  /** Package and experiment, as in `@percpu/locks lock-handover`. */
  readonly source: string;
  readonly description: string;
  /** Which knobs were set to what. */
  readonly knobs: string;
  readonly chart: ChartData;
  readonly fits: readonly string[];
  /** What the chart shows, as rows of CPU counts; absent when only one count was measured. */
  readonly overview?: OverviewModel;
  /** Every figure. */
  readonly table: TableModel;
  readonly command: string;
}

export interface OverviewModel {
  readonly caption: string;
  readonly variants: readonly string[];
  readonly rows: readonly OverviewRow[];
}

export interface OverviewRow {
  readonly cpus: string;
  readonly oversubscribed: boolean;
  readonly cells: readonly CellModel[];
}

export interface TableModel {
  readonly caption: string;
  readonly columns: readonly string[];
  readonly groups: readonly TableGroup[];
}

/** The rows of one variant. */
export interface TableGroup {
  readonly name: string;
  readonly rows: readonly (readonly CellModel[])[];
}

export interface CellModel {
  readonly text: string;
  /** Shown smaller beside it. */
  readonly interval?: string;
}

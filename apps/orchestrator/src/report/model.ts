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
  /** Some of it was measured on this host. */
  readonly measured: boolean;
  /** What was modelled, and where its figures come from. */
  readonly machines: readonly {
    readonly name: string;
    readonly title: string;
    readonly source: string;
  }[];
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
  /** The series of the chart, by the clock that they were taken under. */
  readonly legend: readonly LegendGroup[];
  readonly fits: readonly string[];
  /** What the chart shows, as rows of CPU counts; absent when only one count was measured. */
  readonly overview?: OverviewModel;
  /** Every figure. */
  readonly table: TableModel;
  /** Where modelled time went, for each modelled machine. */
  readonly spent?: readonly SpentModel[];
  /** What repeats this, clock by clock. */
  readonly commands: readonly string[];
}

export interface LegendGroup {
  readonly title: string;
  readonly modelled: boolean;
  /** Indices of series. */
  readonly series: readonly number[];
}

export interface OverviewModel {
  readonly caption: string;
  readonly clocks: readonly OverviewClock[];
  readonly rows: readonly OverviewRow[];
}

export interface OverviewClock {
  readonly title: string;
  readonly variants: readonly {
    readonly name: string;
    readonly look: number;
    readonly modelled: boolean;
  }[];
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
  /** The name in full, where the short one alone could be mistaken for another. */
  readonly title: string;
  readonly rows: readonly (readonly CellModel[])[];
}

export interface CellModel {
  readonly text: string;
  /** Shown smaller beside it. */
  readonly interval?: string;
}

/** What a CPU can spend time on, in the order in which it is stacked. */
export type Spending = 'compute' | 'transfer' | 'lockWait' | 'ipi' | 'idle';

/** Shares of the time of all CPUs, 0 … 1, in the order of the stack. */
export type Shares = readonly { readonly kind: Spending; readonly share: number }[];

/** Where the time of one experiment went on one modelled machine. */
export interface SpentModel {
  readonly machine: string;
  readonly legend: readonly {
    readonly kind: Spending;
    readonly label: string;
    readonly meaning: string;
  }[];
  readonly variants: readonly SpentVariant[];
}

export interface SpentVariant {
  readonly name: string;
  readonly look: number;
  /** The whole of it in a sentence, at the largest CPU count. */
  readonly summary: string;
  readonly cpus: readonly string[];
  /** One for each CPU count. */
  readonly shares: readonly Shares[];
  readonly perOperation: { readonly label: string; readonly cells: readonly string[] };
  /** Rows below the bars: what kind, and how much at each CPU count. */
  readonly rows: readonly {
    readonly kind: Spending;
    readonly label: string;
    readonly cells: readonly string[];
  }[];
  /** The heat map: the dearest lines, the dearest first. */
  readonly lines: readonly HeatLine[];
}

/** One cache line. Fields that share it stand together. */
export interface HeatLine {
  readonly name: string;
  /** Why it is dear at the largest CPU count, if it is and the model says so. */
  readonly why?: string;
  readonly fields: readonly {
    readonly name: string;
    readonly cells: readonly HeatCell[];
  }[];
}

export interface HeatCell {
  readonly text: string;
  /** 0 … 7. */
  readonly heat: number;
  /** What the share is made of. */
  readonly detail: string;
}

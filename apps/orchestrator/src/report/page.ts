import { mountCharts } from './client/charts.ts';
import type { PageData } from './client/chart-data.ts';
import { wireCopy } from './client/copy.ts';
import { chartPainter } from './client/painter.ts';
import { chartScale } from './client/scale.ts';
import { wireTheme } from './client/theme.ts';
import { Html, html, scriptText } from './html.ts';
import { markerPoints, markers } from './markers.ts';
import type {
  CellModel,
  HeadlineModel,
  OverviewModel,
  ReportModel,
  SectionModel,
  TableModel,
} from './model.ts';
import { styles } from './styles.ts';

/** The chart library as text, for a page that needs nothing but itself. */
export interface ChartLibrary {
  /** Defines `uPlot` when it is run as a classic script. */
  readonly script: string;
  readonly style: string;
}

/** What keeps the page honest: it can load nothing, neither from the network nor from disk. */
const POLICY =
  "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:";

/**
 * The report as one HTML document. It needs no network, no server and no other file; without
 * scripts it still shows every figure, as tables.
 */
export function renderPage(model: ReportModel, library: ChartLibrary): string {
  const data: PageData = { charts: model.sections.map(({ chart }) => chart), markers };
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta http-equiv="Content-Security-Policy" content="${POLICY}" />
        <meta name="color-scheme" content="light dark" />
        <title>${model.title}</title>
        <style>
          ${new Html(library.style)}${new Html(styles)}
        </style>
      </head>
      <body>
        <a class="skip" href="#results">Skip to the results</a>
        <header>
          <div class="brand">percpu</div>
          <button type="button" class="theme" id="theme" aria-pressed="false">Dark theme</button>
          <h1>${model.title}</h1>
          <p class="facts">${model.facts.map((fact) => html`<span>${fact}</span> `)}</p>
          <nav aria-label="Experiments">
            <ul>
              ${model.sections.map(
                ({ chart, title }) => html`<li><a href="#${chart.id}">${title}</a></li>`,
              )}
              <li><a href="#host">Host and method</a></li>
            </ul>
          </nav>
        </header>
        <main id="results">
          ${model.notices.length === 0 ? undefined : renderNotices(model.notices)}
          ${model.headlines.length === 0 ? undefined : renderHeadlines(model.headlines)}
          ${model.sections.map(renderSection)} ${renderHost(model)}
        </main>
        <footer>
          Made by percpu. This page is complete in itself: it loads nothing from elsewhere.
        </footer>
        <script id="page-data" type="application/json">
          ${scriptText(JSON.stringify(data))}
        </script>
        <script>
          ${scriptText(library.script)};
        </script>
        <script>
          ${scriptText(clientScript())};
        </script>
      </body>
    </html> `;
  return page.text;
}

/** The client functions are self-contained, so that their text is all there is to copy. */
function clientScript(): string {
  return [
    `(${wireTheme.toString()})();`,
    `(${wireCopy.toString()})();`,
    `(${mountCharts.toString()})(uPlot, ${chartScale.toString()}, ${chartPainter.toString()});`,
  ].join('\n');
}

function renderNotices(notices: readonly string[]): Html {
  return html`<aside class="notice" aria-label="Before you read on">
    <strong>Before you read on</strong>
    <ul>
      ${notices.map((notice) => html`<li>${notice}</li>`)}
    </ul>
  </aside>`;
}

function renderHeadlines(headlines: readonly HeadlineModel[]): Html {
  return html`<section aria-labelledby="headlines">
    <h2 id="headlines">At a glance</h2>
    <ul class="headlines">
      ${headlines.map(
        ({ value, label, detail }) =>
          html`<li>
            <span class="label">${label}</span><span class="value">${value}</span>${
              detail === '' ? undefined : html`<span class="detail">${detail}</span>`
            }
          </li>`,
      )}
    </ul>
  </section>`;
}

function renderSection(section: SectionModel): Html {
  const { chart } = section;
  return html`<section class="card" id="${chart.id}" aria-labelledby="title-${chart.id}">
    <header>
      <h2 id="title-${chart.id}">${section.title}</h2>
      <code>${section.source}</code>
    </header>
    <p>${section.description}</p>
    ${section.knobs === '' ? undefined : html`<p class="muted">${section.knobs}</p>`}
    ${renderFigure(section)}
    ${
      section.overview === undefined
        ? renderTable(section.table, chart.id)
        : html`${renderOverview(section.overview, chart.id)}
            <details>
              <summary>Every figure: rates, times, fairness, latency</summary>
              ${renderTable(section.table, chart.id)}
            </details>`
    }
    <h3 class="spoken">Repeat this measurement</h3>
    ${renderCommand(section.command)}
  </section>`;
}

function renderFigure({ chart, title, fits }: SectionModel): Html {
  const legend = chart.series.map(
    ({ name }, index) =>
      html`<button type="button" aria-pressed="true" data-series="${index}">
        ${swatch(index)}${name}
      </button>`,
  );
  const oversubscribed = chart.series.some(({ points }) =>
    points.some((point) => point.oversubscribed),
  );
  const caption = [
    'A mark is the median of the repeats, a whisker its 95 % interval.',
    oversubscribed
      ? 'Hollow marks: more CPUs than the host has cores, so they take turns; no fit uses them.'
      : '',
    fits.length > 0 ? 'Dashed: the Universal Scalability Law fitted to the filled marks.' : '',
    chart.kind === 'scaling'
      ? 'With the chart in focus, the arrow keys walk through the CPU counts.'
      : '',
  ];
  return html`<figure id="chart-${chart.id}" aria-labelledby="title-${chart.id}">
    <div class="controls">
      <div class="legend" role="group" aria-label="Shown variants">${legend}</div>
      <div class="choices">
        <div class="choice" role="group" aria-label="What is shown">
          ${choice('metric', 'rate', 'Throughput', chart.metric === 'rate')}${choice('metric', 'time', 'Time', chart.metric === 'time')}
        </div>
        <div class="choice" role="group" aria-label="Scale of the chart">
          ${choice('scale', 'log', 'Log', true)}${choice('scale', 'linear', 'Linear', false)}
        </div>
      </div>
    </div>
    <p class="axis-title" aria-hidden="true"></p>
    <div
      class="plot"
      tabindex="0"
      role="group"
      aria-roledescription="chart"
      aria-label="Chart: ${title}. The same figures are in the table below."
    >
      <div class="tip" hidden></div>
    </div>
    <p class="spoken" aria-live="polite"></p>
    <figcaption>${caption.filter((sentence) => sentence !== '').join(' ')}</figcaption>
    ${
      fits.length === 0
        ? undefined
        : html`<ul class="fits">
            ${fits.map((fit) => html`<li>${fit}</li>`)}
          </ul>`
    }
  </figure>`;
}

function choice(group: string, value: string, label: string, pressed: boolean): Html {
  return html`<button type="button" data-${group}="${value}" aria-pressed="${String(pressed)}">
    ${label}
  </button>`;
}

function swatch(series: number): Html {
  const colour = `var(--series-${(series % 8) + 1})`;
  return html`<svg viewBox="-1.5 -1.5 3 3" aria-hidden="true">
    <polygon
      points="${markerPoints(series)}"
      fill="${colour}"
      stroke="${colour}"
      stroke-width="0.3"
      stroke-linejoin="round"
    />
  </svg>`;
}

function renderOverview({ caption, variants, rows }: OverviewModel, id: string): Html {
  const body = rows.map(
    ({ cpus, oversubscribed, cells }) =>
      html`<tr${oversubscribed ? html` class="over"` : undefined}><th scope="row">${cpus}${
        oversubscribed ? html` <span class="interval">more than cores</span>` : undefined
      }</th>${cells.map(renderCell)}</tr>`,
  );
  return html`<div class="scroll" role="region" tabindex="0" aria-label="Table: ${caption}">
    <table id="overview-${id}" class="overview">
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          <th scope="col">CPUs</th>
          ${variants.map((name, index) => html`<th scope="col">${swatch(index)} ${name}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${body}
      </tbody>
    </table>
  </div>`;
}

function renderTable({ caption, columns, groups }: TableModel, id: string): Html {
  return html`<div class="scroll" role="region" tabindex="0" aria-label="Table: ${caption}">
    <table id="table-${id}">
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          ${columns.map((column) => html`<th scope="col">${column}</th>`)}
        </tr>
      </thead>
      ${groups.map(
        ({ name, rows }) =>
          html`<tbody>
            ${rows.map(
              (row, index) =>
                html`<tr>
                  ${
                    index === 0
                      ? html`<th scope="rowgroup" rowspan="${rows.length}">${name}</th>`
                      : undefined
                  }${row.map(renderCell)}
                </tr>`,
            )}
          </tbody>`,
      )}
    </table>
  </div>`;
}

function renderCell({ text, interval }: CellModel): Html {
  if (interval === undefined || interval === '') return html`<td>${text}</td>`;
  return html`<td>${text} <span class="interval">${interval}</span></td>`;
}

function renderCommand(command: string): Html {
  return html`<div class="command">
    <code>${command}</code
    ><button type="button" data-copy>copy<span class="spoken"> the command</span></button>
  </div>`;
}

function renderHost({ host, command }: ReportModel): Html {
  return html`<section class="card" id="host" aria-labelledby="host-title">
    <h2 id="host-title">Host and method</h2>
    <p>
      Every point is measured on a freshly started machine: one worker thread per CPU, all released
      together by a barrier, a warm-up that does not count, then a fixed stretch of time in which
      each CPU counts its own work. Variants take turns within a repeat, so that a change of the
      host's load meets all of them. A figure is the median of the repeats; its interval is a 95 %
      bootstrap interval.
    </p>
    <dl>
      ${host.map(
        ([name, value]) =>
          html`<div>
            <dt>${name}</dt>
            <dd>${value}</dd>
          </div>`,
      )}
    </dl>
    <h3 class="spoken">Repeat the whole run</h3>
    ${renderCommand(command)}
  </section>`;
}

import type { ChartSeries } from './client/chart-data.ts';
import { html } from './html.ts';
import type { Html } from './html.ts';
import type { SectionModel } from './model.ts';
import { renderSpent } from './spent-view.ts';
import { renderCommand, renderOverview, renderTable, swatch } from './tables.ts';

/** One experiment: chart, tables, where modelled time went, and how to repeat it. */
export function renderSection(section: SectionModel): Html {
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
    ${section.spent?.map((spent, index) => renderSpent(spent, `${chart.id}-${index}`))}
    <h3 class="spoken">Repeat this</h3>
    ${section.commands.map(renderCommand)}
  </section>`;
}

function renderFigure({ chart, legend: groups, title, fits }: SectionModel): Html {
  const several = groups.length > 1;
  const modelled = groups.filter((group) => group.modelled);
  const legend = groups.map(
    ({ title: clock, series, ...group }) =>
      html`<div class="legend" role="group" aria-label="Shown variants, ${clock}">
        ${several || group.modelled ? html`<span class="clock">${clock}</span>` : undefined}
        ${series.map((index) => seriesButton(chart.series[index], index))}
      </div>`,
  );
  const oversubscribed = chart.series.some(({ points }) =>
    points.some((point) => point.oversubscribed),
  );
  const caption = [
    modelled.length < groups.length
      ? 'A mark is the median of the repeats, a whisker its 95 % interval.'
      : '',
    oversubscribed
      ? 'Hollow marks: more CPUs than the host has cores, so they take turns; no fit uses them.'
      : '',
    modelled.length > 0
      ? `Dashed lines and ringed marks are not measured but ${modelled.map((group) => group.title).join('; ')}.`
      : '',
    fits.length > 0
      ? 'Dotted: the Universal Scalability Law, fitted to the points of one curve within the cores.'
      : '',
    chart.kind === 'scaling'
      ? 'With the chart in focus, the arrow keys walk through the CPU counts.'
      : '',
  ];
  return html`<figure id="chart-${chart.id}" aria-labelledby="title-${chart.id}">
    <div class="controls">
      <div class="legends">${legend}</div>
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

function seriesButton(series: ChartSeries | undefined, index: number): Html | undefined {
  if (series === undefined) return undefined;
  const { name, look, modelled } = series;
  const [variant = name] = name.split(', ');
  const label = modelled ? html` aria-label="${name}"` : undefined;
  return html`<button type="button" aria-pressed="true" data-series="${index}" ${label}>
    ${swatch(look, modelled)}${variant}
  </button>`;
}

function choice(group: string, value: string, label: string, pressed: boolean): Html {
  return html`<button type="button" data-${group}="${value}" aria-pressed="${String(pressed)}">
    ${label}
  </button>`;
}

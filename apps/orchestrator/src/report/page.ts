import { mountCharts } from './client/charts.ts';
import type { PageData } from './client/chart-data.ts';
import { wireCopy } from './client/copy.ts';
import { chartPainter } from './client/painter.ts';
import { chartScale } from './client/scale.ts';
import { wireTheme } from './client/theme.ts';
import { Html, html, scriptText } from './html.ts';
import { markers } from './markers.ts';
import type { HeadlineModel, ReportModel } from './model.ts';
import { renderSection } from './section.ts';
import { styles } from './styles.ts';
import { renderCommand } from './tables.ts';

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

function renderHost({ host, measured, machines, command }: ReportModel): Html {
  return html`<section class="card" id="host" aria-labelledby="host-title">
    <h2 id="host-title">Host and method</h2>
    ${
      measured
        ? html`<p>
            Every measured point has a freshly started machine: one worker thread per CPU, all
            released together by a barrier, a warm-up that does not count, then a fixed stretch of
            time in which each CPU counts its own work. Variants take turns within a repeat, so that
            a change of the host's load meets all of them. A figure is the median of the repeats;
            its interval is a 95 % bootstrap interval.
          </p>`
        : undefined
    }
    ${machines.map(
      ({ name, title, source }) =>
        html`<p>
          Modelled figures are not measurements: they are what a cost model of ${title} (profile
          <code>${name}</code>) makes of the same program, access by access, in virtual time. The
          same command gives the same figures everywhere. Its parameters: ${source}
        </p>`,
    )}
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

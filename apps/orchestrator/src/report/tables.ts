import { html } from './html.ts';
import type { Html } from './html.ts';
import { markerPoints } from './markers.ts';
import type { CellModel, OverviewModel, TableModel } from './model.ts';

/** The mark of a series as it stands in the chart: filled where measured, ringed where modelled. */
export function swatch(look: number, modelled = false): Html {
  const colour = `var(--series-${(look % 8) + 1})`;
  return html`<svg viewBox="-1.5 -1.5 3 3" aria-hidden="true">
    <polygon
      points="${markerPoints(look)}"
      fill="${modelled ? 'none' : colour}"
      stroke="${colour}"
      stroke-width="0.3"
      stroke-linejoin="round"
    />
    ${modelled ? html`<circle r="0.36" fill="${colour}" />` : undefined}
  </svg>`;
}

export function renderOverview({ caption, clocks, rows }: OverviewModel, id: string): Html {
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
      ${clocks.map(({ variants }, index) =>
        index === 0
          ? html`<colgroup>
                <col />
              </colgroup>
              <colgroup span="${variants.length}"></colgroup>`
          : html`<colgroup span="${variants.length}"></colgroup>`,
      )}
      <thead>
        <tr>
          <th scope="col" rowspan="2">CPUs</th>
          ${clocks.map(
            ({ title, variants }) =>
              html`<th scope="colgroup" colspan="${variants.length}">
                <span class="pinned">${title}</span>
              </th>`,
          )}
        </tr>
        <tr>
          ${clocks.flatMap(({ variants }) =>
            variants.map(
              ({ name, look, modelled }) =>
                html`<th scope="col">${swatch(look, modelled)} ${name}</th>`,
            ),
          )}
        </tr>
      </thead>
      <tbody>
        ${body}
      </tbody>
    </table>
  </div>`;
}

export function renderTable({ caption, columns, groups }: TableModel, id: string): Html {
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
        ({ name, title, rows }) =>
          html`<tbody>
            ${rows.map(
              (row, index) =>
                html`<tr>
                  ${
                    index === 0
                      ? html`<th scope="rowgroup" rowspan="${rows.length}" title="${title}">
                          ${name}
                        </th>`
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

export function renderCommand(command: string): Html {
  return html`<div class="command">
    <code>${command}</code
    ><button type="button" data-copy>copy<span class="spoken"> the command</span></button>
  </div>`;
}

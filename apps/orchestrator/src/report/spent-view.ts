import { html } from './html.ts';
import type { Html } from './html.ts';
import type { HeatLine, Shares, SpentModel, SpentVariant } from './model.ts';
import { formatShare } from './share.ts';
import { swatch } from './tables.ts';

/**
 * Where modelled time went. Each variant is one table whose columns are CPU counts: bars on top, their
 * figures below, and below those the heat map of lines and fields, so that the eye can go straight down
 * from a bar to the field that makes it. Closed, a variant is one line: its last bar and a sentence.
 *
 * Needs no script: everything shown is text in a table, and the bars only draw it.
 */
export function renderSpent({ machine, legend, variants }: SpentModel, id: string): Html {
  return html`<div class="spent">
    <h3 id="spent-${id}">Where the time goes</h3>
    <p class="muted">
      Share of the time of all CPUs, modelled: ${machine}. In the heat map below the bars a figure
      is what one field of one cache line cost: fetching the line, queueing for it, and waiting for
      what another CPU would write there.
    </p>
    <ul class="spendings">
      ${legend.map(
        ({ kind, label, meaning }) =>
          html`<li><i class="${kind}" aria-hidden="true"></i><b>${label}</b>: ${meaning}</li>`,
      )}
    </ul>
    ${variants.map((variant, index) => renderVariant(variant, machine, index === 0))}
  </div>`;
}

function renderVariant(variant: SpentVariant, machine: string, open: boolean): Html {
  const { name, look, summary, shares } = variant;
  return html`<details${open ? html` open` : undefined}>
    <summary>
      <span class="variant">${swatch(look, true)} ${name}</span>
      ${renderStrip(shares.at(-1) ?? [])}
      <span class="said">${summary}</span>
    </summary>
    ${renderVariantTable(variant, machine)}
  </details>`;
}

/** The bar of the largest CPU count, lying. */
function renderStrip(shares: Shares): Html {
  return html`<span class="strip" aria-hidden="true"
    >${shares
      .filter(({ share }) => share > 0)
      .map(
        ({ kind, share }) => html`<i class="${kind}" style="flex-grow:${share.toFixed(4)}"></i>`,
      )}</span
  >`;
}

function renderVariantTable(
  { name, cpus, shares, perOperation, rows, lines }: SpentVariant,
  machine: string,
): Html {
  const caption = `${name}: where the time goes, by number of CPUs; modelled: ${machine}`;
  return html`<div class="scroll" role="region" tabindex="0" aria-label="Table: ${caption}">
    <table class="spent-table">
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          <th scope="col">CPUs</th>
          ${cpus.map((count) => html`<th scope="col">${count}</th>`)}
        </tr>
      </thead>
      <tbody>
        <tr class="bars" aria-hidden="true">
          <td></td>
          ${shares.map(renderBar)}
        </tr>
        ${rows.map(
          ({ kind, label, cells }) =>
            html`<tr>
              <th scope="row"><i class="${kind}" aria-hidden="true"></i>${label}</th>
              ${cells.map((text) => html`<td>${text}</td>`)}
            </tr>`,
        )}
        <tr>
          <th scope="row">${perOperation.label}</th>
          ${perOperation.cells.map((text) => html`<td>${text}</td>`)}
        </tr>
      </tbody>
      ${lines.length === 0 ? undefined : renderHeat(lines, cpus)}
    </table>
  </div>`;
}

function renderBar(shares: Shares): Html {
  const parts = shares.filter(({ share }) => share > 0);
  const title = parts.map(({ kind, share }) => `${kind} ${formatShare(share)}`).join(', ');
  // The first of the stack stands at the bottom.
  return html`<td>
    <span class="bar" title="${title}"
      >${parts.map(
        ({ kind, share }) => html`<i class="${kind}" style="flex-grow:${share.toFixed(4)}"></i>`,
      )}</span
    >
  </td>`;
}

/** A body for each line: what stands together travels together. */
function renderHeat(lines: readonly HeatLine[], cpus: readonly string[]): readonly Html[] {
  return [
    html`<tbody>
      <tr>
        <th scope="rowgroup" colspan="${cpus.length + 1}" class="heat-title">
          Cost by cache line and field
        </th>
      </tr>
    </tbody>`,
    ...lines.map(
      ({ fields, why }) =>
        html`<tbody class="heat">
          ${fields.map(
            ({ name, cells }) =>
              html`<tr>
                <th scope="row"><code>${name}</code></th>
                ${cells.map(
                  ({ text, heat, detail }) =>
                    html`<td class="h${heat}" title="${detail}">${text}</td>`,
                )}
              </tr>`,
          )}
          ${
            why === undefined
              ? undefined
              : html`<tr class="why">
                  <td colspan="${cpus.length + 1}">
                    <span>At ${cpus.at(-1)} CPUs: ${why}</span>
                  </td>
                </tr>`
          }
        </tbody>`,
    ),
  ];
}

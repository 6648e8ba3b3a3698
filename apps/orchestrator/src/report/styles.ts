import { dark, light, toCustomProperties } from './palette.ts';

/** Text is on top of these, so all of them leave it readable. */
const heatRules = light.heat
  .map((_, step) => `.spent-table .h${step} { background: var(--heat-${step}); }`)
  .join('\n');

/** The style sheet of the report: system fonts, one column, room to read, and paper. */
export const styles: string = `
:root {
  color-scheme: light;
  --font: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif;
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "Liberation Mono", monospace;
  ${toCustomProperties(light)}
}
@media (prefers-color-scheme: dark) {
  :root:not([data-theme="light"]) { color-scheme: dark; ${toCustomProperties(dark)} }
}
:root[data-theme="dark"] { color-scheme: dark; ${toCustomProperties(dark)} }

* { box-sizing: border-box; }
html { scroll-behavior: smooth; scroll-padding-top: 1rem; -webkit-text-size-adjust: 100%; }
body {
  margin: 0; padding: 0 clamp(1rem, 4vw, 3rem) 4rem;
  background: var(--page); color: var(--text);
  font: 1rem/1.6 var(--font); font-variant-numeric: tabular-nums;
}
main, body > header, body > footer { max-width: 68rem; margin-inline: auto; }
h1, h2, h3 { line-height: 1.2; letter-spacing: -0.012em; text-wrap: balance; margin: 0; }
h1 { font-size: clamp(1.7rem, 1.2rem + 2.2vw, 2.5rem); font-weight: 680; }
h2 { font-size: 1.4rem; font-weight: 650; }
h3 { font-size: 1rem; font-weight: 650; }
p { margin: 0.5rem 0 0; max-width: 44rem; text-wrap: pretty; }
a { color: var(--accent); text-underline-offset: 0.18em; }
code { font-family: var(--mono); font-size: 0.9em; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
.muted { color: var(--muted); }
.skip { position: absolute; left: -100vw; top: 0.5rem; background: var(--surface); padding: 0.5rem 1rem; border-radius: 0.5rem; z-index: 2; }
.skip:focus { left: 1rem; }
.spoken { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }

body > header { padding: clamp(2rem, 5vw, 3.5rem) 0 0; display: grid; grid-template-columns: 1fr auto; gap: 0.25rem 1.5rem; align-items: start; }
body > header .brand { font: 600 0.85rem/1 var(--mono); color: var(--accent); letter-spacing: 0.02em; padding-top: 0.55rem; }
body > header h1, body > header .facts, body > header nav { grid-column: 1 / -1; }
.facts { display: flex; flex-wrap: wrap; gap: 0.1rem 1.4rem; color: var(--muted); margin-top: 0.6rem; font-size: 0.95rem; max-width: none; }
nav ul { list-style: none; display: flex; flex-wrap: wrap; gap: 0.5rem; padding: 0; margin: 1.4rem 0 0; }
nav a { display: block; padding: 0.28rem 0.8rem; border: 1px solid var(--line); border-radius: 2rem; background: var(--surface); color: var(--text); text-decoration: none; font-size: 0.92rem; }
nav a:hover { border-color: var(--accent); color: var(--accent); }

button {
  font: inherit; font-size: 0.88rem; line-height: 1.3; color: var(--text); background: var(--surface);
  border: 1px solid var(--line); border-radius: 0.5rem; padding: 0.3rem 0.7rem; min-height: 1.75rem; cursor: pointer;
}
button:hover { border-color: var(--muted); }
.theme[aria-pressed="true"] { background: var(--text); color: var(--surface); border-color: var(--text); }

.notice { border-left: 4px solid var(--warning); background: var(--surface); padding: 0.8rem 1.1rem; border-radius: 0 0.6rem 0.6rem 0; margin-top: 1.5rem; }
.notice ul { margin: 0.3rem 0 0; padding-left: 1.2rem; }

.headlines { list-style: none; padding: 0; margin: 1rem 0 0; display: grid; gap: 0.9rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 14.5rem), 1fr)); }
.headlines li { background: var(--surface); border: 1px solid var(--line); border-radius: 0.8rem; padding: 1rem 1.15rem 1.05rem; display: flex; flex-direction: column; }
.headlines .value { font-size: 1.75rem; font-weight: 660; letter-spacing: -0.02em; line-height: 1.15; order: -1; }
.headlines .label { margin-top: 0.3rem; font-weight: 560; line-height: 1.35; }
.headlines .detail { margin-top: 0.3rem; font-size: 0.88rem; color: var(--muted); line-height: 1.45; }

section { margin-top: 3.2rem; }
.card { background: var(--surface); border: 1px solid var(--line); border-radius: 0.9rem; padding: clamp(1rem, 2.6vw, 1.75rem); margin-top: 2rem; }
.card > header { display: flex; flex-wrap: wrap; gap: 0.3rem 0.9rem; align-items: baseline; }
.card > header code { color: var(--muted); font-size: 0.85rem; }

figure { margin: 1.2rem 0 0; }
.controls { display: flex; flex-wrap: wrap; gap: 0.6rem 1.2rem; justify-content: space-between; align-items: center; }
.legends { display: grid; gap: 0.55rem; }
.legend { display: flex; flex-wrap: wrap; gap: 0.4rem; align-items: center; }
.legend .clock { flex-basis: 100%; font-size: 0.82rem; color: var(--muted); }
.legend button { display: inline-flex; align-items: center; gap: 0.45rem; border-radius: 2rem; padding: 0.22rem 0.75rem 0.22rem 0.6rem; }
.legend svg { width: 0.95rem; height: 0.95rem; flex: none; overflow: visible; }
.legend button[aria-pressed="false"] { color: var(--muted); text-decoration: line-through; background: transparent; }
.legend button[aria-pressed="false"] svg { opacity: 0.35; }
.choices { display: flex; flex-wrap: wrap; gap: 0.5rem; }
.choice { display: inline-flex; }
.choice button { border-radius: 0; margin-left: -1px; }
.choice button:first-child { border-radius: 0.5rem 0 0 0.5rem; margin-left: 0; }
.choice button:last-child { border-radius: 0 0.5rem 0.5rem 0; }
.choice button[aria-pressed="true"] { background: var(--text); color: var(--surface); border-color: var(--text); }
.axis-title { margin: 1.1rem 0 0.2rem; font-size: 0.82rem; color: var(--muted); }
.plot { position: relative; min-height: 16rem; border-radius: 0.4rem; }
.plot .uplot { font-family: var(--font); width: 100%; }
.plot .u-cursor-x { border-right: 1px solid var(--muted); opacity: 0.6; }
.tip { position: absolute; top: 0.6rem; z-index: 1; pointer-events: none; background: var(--raised); border: 1px solid var(--line); border-radius: 0.5rem; padding: 0.45rem 0.7rem; font-size: 0.84rem; line-height: 1.5; box-shadow: 0 4px 16px rgb(0 0 0 / 0.14); max-width: min(26rem, 90%); }
.tip > :first-child { font-weight: 620; }
.tip i { display: inline-block; width: 0.6rem; height: 0.6rem; border-radius: 50%; margin-right: 0.45rem; }
figcaption { margin-top: 0.6rem; font-size: 0.86rem; color: var(--muted); max-width: 52rem; }
.fits { margin: 0.9rem 0 0; padding-left: 1.2rem; font-size: 0.92rem; }

.scroll { overflow-x: auto; margin-top: 1.2rem; border: 1px solid var(--line); border-radius: 0.6rem; }
table { border-collapse: collapse; width: 100%; font-size: 0.9rem; line-height: 1.35; }
caption { text-align: left; padding: 0.7rem 0.9rem; font-weight: 600; }
th, td { padding: 0.42rem 0.9rem; text-align: right; white-space: nowrap; border-top: 1px solid var(--grid); }
thead th { background: var(--raised); font-weight: 600; vertical-align: bottom; border-top: 1px solid var(--line); }
tbody + tbody tr:first-child > * { border-top: 1px solid var(--line); }
th:first-child { text-align: left; }
th svg { width: 0.8rem; height: 0.8rem; overflow: visible; margin-right: 0.2rem; }
.overview .interval { display: block; margin: 0; font-weight: 400; }
.overview colgroup + colgroup + colgroup { border-left: 2px solid var(--line); }
.overview thead tr:first-child th + th { text-align: left; white-space: normal; }
.overview thead th[scope="colgroup"] { color: var(--muted); font-weight: 500; }
.overview thead tr + tr th { text-align: right; }
.overview .over { background: var(--shade); }
details { margin-top: 1rem; }
summary { cursor: pointer; font-size: 0.92rem; color: var(--muted); width: fit-content; }
summary:hover { color: var(--text); }
details .scroll { margin-top: 0.7rem; }
tbody th { font-weight: 600; }
tbody th[scope="rowgroup"] { vertical-align: top; }
.interval { color: var(--muted); font-size: 0.86em; margin-left: 0.55em; }

.command { display: flex; gap: 0.7rem; align-items: flex-start; margin-top: 1.1rem; background: var(--raised); border-radius: 0.6rem; padding: 0.6rem 0.6rem 0.6rem 0.9rem; }
.command code { flex: 1; min-width: 0; overflow-wrap: anywhere; white-space: pre-wrap; padding-top: 0.15rem; line-height: 1.5; }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 19rem), 1fr)); gap: 0 2.5rem; margin: 1rem 0 0; }
dl div { display: flex; justify-content: space-between; gap: 1rem; padding: 0.4rem 0; border-bottom: 1px solid var(--grid); }
dt { color: var(--muted); }
dd { margin: 0; text-align: right; overflow-wrap: anywhere; }
body > footer { margin-top: 3rem; padding-top: 1.2rem; border-top: 1px solid var(--line); color: var(--muted); font-size: 0.88rem; }

.spent { margin-top: 2.2rem; }
.spent > p { font-size: 0.92rem; max-width: 52rem; }
.spendings { list-style: none; display: flex; flex-wrap: wrap; gap: 0.15rem 1.4rem; padding: 0; margin: 0.7rem 0 0; font-size: 0.86rem; color: var(--muted); }
.spendings b { color: var(--text); font-weight: 600; }
.spent i { display: inline-block; flex: 0 0 auto; }
.spendings i, .spent-table th i { width: 0.75rem; height: 0.75rem; border-radius: 2px; margin-right: 0.45rem; vertical-align: -0.06rem; }
.spent .compute { background: var(--spent-1); }
.spent .transfer { background: var(--spent-2); }
.spent .lockWait { background: var(--spent-3); }
.spent .ipi { background: var(--spent-4); }
.spent .idle { background: repeating-linear-gradient(135deg, var(--spent-5) 0 2px, var(--surface) 2px 5px); box-shadow: inset 0 0 0 1px var(--spent-5); }
.spent details { border: 1px solid var(--line); border-radius: 0.6rem; margin-top: 0.6rem; }
.spent summary { width: auto; color: var(--text); padding: 0.6rem 0.9rem; display: grid; grid-template-columns: 8.5rem minmax(6rem, 16rem) 1fr; gap: 0.3rem 1.1rem; align-items: center; list-style: none; }
.spent summary::-webkit-details-marker { display: none; }
.spent summary .variant { font-weight: 620; display: flex; gap: 0.5rem; align-items: center; }
.spent summary .variant::before { content: ""; border: solid currentColor; border-width: 0 2px 2px 0; width: 0.42rem; height: 0.42rem; transform: rotate(-45deg); margin-right: 0.15rem; flex: none; }
.spent details[open] > summary .variant::before { transform: rotate(45deg); }
.spent summary svg { width: 0.95rem; height: 0.95rem; overflow: visible; flex: none; }
.spent summary .said { color: var(--muted); font-size: 0.88rem; }
.spent .strip { display: flex; gap: 1px; height: 0.95rem; }
.spent .strip i, .spent .bar i { flex: 1 1 0; min-width: 0; min-height: 0; }
.spent .scroll { border-width: 1px 0 0; border-radius: 0 0 0.6rem 0.6rem; margin-top: 0; }
.spent .bar { display: flex; flex-direction: column-reverse; gap: 1px; height: 8.5rem; width: 2.4rem; margin: 0.5rem 0 0.25rem auto; }
.spent-table caption { position: absolute; width: 1px; height: 1px; padding: 0; overflow: hidden; clip-path: inset(50%); }
.spent-table thead th { border-top: none; }
.spent-table th, .spent-table td { padding: 0.26rem 0.7rem; }
.spent-table tbody th { font-weight: 500; text-align: left; white-space: normal; min-width: 7.5rem; }
.spent-table th:first-child { position: sticky; left: 0; background: var(--surface); }
.spent-table thead th:first-child { background: var(--raised); }
.spent-table .bars td { border-top: none; vertical-align: bottom; }
.spent-table .heat-title { font-weight: 620; padding-top: 1rem; }
.spent-table .heat td { border: 1px solid var(--surface); }
.spent-table .why td { border: none; text-align: left; white-space: normal; padding-bottom: 0.7rem; color: var(--muted); font-size: 0.95em; }
.spent-table .why span { position: sticky; left: 0.7rem; display: block; max-width: min(52rem, calc(100vw - 6rem)); }
${heatRules}

@media (max-width: 56rem) {
  .spent summary { grid-template-columns: 8.5rem 1fr; }
  .spent summary .said { grid-column: 1 / -1; }
}
@media (max-width: 40rem) {
  .controls { flex-direction: column; align-items: flex-start; }
  th, td { padding-inline: 0.6rem; }
}
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
@media print {
  body { background: none; padding: 0; font-size: 10pt; }
  nav, .choices, .theme, .command button, .skip { display: none; }
  .card { border: none; padding: 0; break-before: auto; }
  figure, .headlines li, .command { break-inside: avoid; }
  .scroll { overflow: visible; }
  table { font-size: 7.5pt; }
  th, td { padding: 0.25rem 0.4rem; }
  .interval { display: block; margin: 0; }
  h2, caption { break-after: avoid; }
  tr { break-inside: avoid; }
  .spent * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  .spent-table th:first-child { position: static; }
}
`;

/** The report page as text: complete, escaped, and pointing nowhere. */
import { expect, test } from 'vitest';
import { escapeHtml, html, scriptText } from '../src/report/html.ts';
import { toReportModel } from '../src/report/from-record.ts';
import { renderReport } from '../src/report/render.ts';
import { around, makeRecord } from './helpers/record.ts';
import { makeRun } from './helpers/run-record.ts';

test.each([
  // what is put in            what comes out
  ['<b>', '<p>&lt;b&gt;</p>'],
  [`"'&`, '<p>&quot;&#39;&amp;</p>'],
  [undefined, '<p></p>'],
  [[html`<i>1</i>`, '<', 2], '<p><i>1</i>&lt;2</p>'],
])('html escapes %j', (value, text) => {
  expect(html`<p>${value}</p>`.text).toBe(text);
});

test.each(['</script>', '</SCRIPT >', '<script', '<!--'])('%s cannot leave a script', (text) => {
  const { text: code } = scriptText(JSON.stringify({ name: text }));
  expect(code).not.toContain('<');
  expect(JSON.parse(code)).toEqual({ name: text });
});

test('the page refers to nothing outside itself', () => {
  const page = renderReport(makeRun());
  expect(page).not.toMatch(/\s(src|srcset|action|data|poster)=/);
  const addresses = [...page.matchAll(/\shref="([^"]*)"/g)].map(([, address]) => address);
  expect(addresses.length).toBeGreaterThan(3);
  for (const address of addresses) expect(address).toMatch(/^#/);
  expect(page).not.toMatch(/@import|url\(/);
  expect(page).toContain('default-src &#39;none&#39;');
});

test('hostile names stay text', () => {
  const page = renderReport(makeRun());
  expect(page).toContain(escapeHtml('What handover costs <script>alert(1)</script>'));
  expect(page).not.toContain('<script>alert');
});

test('fits are drawn where they may be, and only as far as they may', () => {
  const model = toReportModel(makeRun());
  const [handover] = model.sections;
  const fitted = handover?.chart.series.filter(({ fit }) => fit !== undefined);
  expect(fitted?.map(({ name }) => name)).toEqual(['ticket', 'mcs']);
  const last = fitted?.[0]?.fit?.rate.at(-1)?.[0] ?? 0;
  expect(last).toBeCloseTo(32, 6);
  expect(handover?.fits[0]).toMatch(/^ticket: contention α = 0\.0\d+ .* n\* = /);
});

test('one CPU count: variants side by side, without an overview', () => {
  const model = toReportModel(makeRecord({ points: [{ cpus: 1, rates: around(1e6) }] }));
  expect(model.sections[0]?.chart.kind).toBe('comparison');
  expect(model.sections[0]?.overview).toBeUndefined();
});

test('failures and the command of each experiment are told', () => {
  const model = toReportModel(makeRun());
  expect(model.notices).toContain('Not measured: handover mutex, 2 CPUs. lost a wake-up');
  expect(model.sections[1]?.commands).toEqual([
    'percpu scale counter --cpus 1,2,3,4,6,8,12,16,32 --seconds 0.5 --repeats 5 --seed 1',
  ]);
});

/** The report page in a real browser: drawn, readable by eye, keyboard and screen reader. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { formatEnds, formatNs, formatRate } from '../src/format.ts';
import { renderReport } from '../src/report/render.ts';
import { launch, noBrowser, toFile } from './helpers/browser.ts';
import { makeMixedRun, makeRun } from './helpers/run-record.ts';
import { findProblems, inkOf, lowContrast, readTables } from './helpers/in-page.ts';

describe.skipIf(noBrowser())('the report in Chromium', () => {
  const record = makeRun();
  const measured = toFile(renderReport(record));
  let browser: Browser;

  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(async () => {
    await browser.close();
  });

  interface Opened {
    readonly page: Page;
    readonly requests: readonly string[];
    readonly complaints: readonly string[];
  }

  async function open(
    options: BrowserContextOptions = {},
    address: string = measured,
  ): Promise<Opened> {
    const context = await browser.newContext({ offline: true, ...options });
    const page = await context.newPage();
    const requests: string[] = [];
    const complaints: string[] = [];
    page.on('request', (request) => requests.push(request.url()));
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(address);
    return { page, requests, complaints };
  }

  test('asks for nothing but itself and complains of nothing', async () => {
    const { page, requests, complaints } = await open();
    await page.locator('canvas').first().waitFor();
    expect(requests).toEqual([measured]);
    expect(complaints).toEqual([]);
  });

  test('every experiment has a chart with ink in the colours of its series', async () => {
    const { page } = await open({ colorScheme: 'light' });
    for (const name of ['handover', 'counter', 'seam']) {
      const ink = await page.evaluate(inkOf, `#chart-${name} canvas`);
      expect(ink['#2557d3'], `${name}: the first series`).toBeGreaterThan(50);
      expect(ink['#d23c12'], `${name}: the second series`).toBeGreaterThan(50);
    }
  });

  test('the tables hold the figures of the record', async () => {
    const { page } = await open();
    const shown = (await page.evaluate(readTables)).map((row) => row.slice(0, 6).join(' | '));
    const expected = record.results.map((result) => {
      const { experiment, variant, opsPerSecond, nsPerOp, oversubscribed } = result;
      const cpus = `${result.cpus}${oversubscribed ? ' more than cores' : ''}`;
      const rate = `${formatRate(opsPerSecond.median)} ${formatEnds(opsPerSecond, 'rate')}`;
      const time = `${formatNs(nsPerOp.median)} ${formatEnds(nsPerOp, 'time')}`;
      return [experiment, variant, 'measured', cpus, rate, time].join(' | ');
    });
    expect(shown).toEqual(expected);
    const cells = await page.locator('#overview-counter tbody td').count();
    expect(cells).toBe(2 * 9);
  });

  test('more CPUs than cores: said in words in the tables', async () => {
    const { page } = await open();
    const marked = page.locator('#overview-handover tr.over');
    expect(await marked.locator('th').allTextContents()).toEqual(['32 more than cores']);
  });

  test.each(['light', 'dark'] as const)('structure and contrast, %s', async (colorScheme) => {
    const { page } = await open({ colorScheme });
    await page.locator('details').evaluateAll((all) => {
      for (const one of all) one.setAttribute('open', '');
    });
    expect(await page.evaluate(findProblems)).toEqual([]);
    expect(await page.evaluate(lowContrast)).toEqual([]);
  });

  test('the twin: the checks find what is wrong', async () => {
    const { page } = await open();
    await page.evaluate(() => {
      document.body.insertAdjacentHTML(
        'beforeend',
        '<h5>skips</h5><button></button><p id="host" style="color:#999">pale</p><table><tr><th>x</th></tr></table>',
      );
    });
    expect(await page.evaluate(findProblems)).toEqual([
      'heading level 5 follows 3: skips',
      'a button has no name',
      'two elements have the id host',
      'a table has no caption',
      'a table head has no scope: x',
    ]);
    expect(await page.evaluate(lowContrast)).toEqual([expect.stringMatching(/^pale: /)]);
  });

  test('keyboard: the arrow keys walk through a chart and are announced', async () => {
    const { page } = await open();
    const figure = page.locator('#chart-handover');
    await figure.locator('.plot').focus();
    const spoken = figure.locator('.spoken');
    await page.keyboard.press('ArrowRight');
    expect(await spoken.textContent()).toMatch(/^1 CPU; ticket: .* M\/s .*; mcs: /);
    await page.keyboard.press('ArrowRight');
    expect(await spoken.textContent()).toMatch(/^2 CPUs; /);
    await page.keyboard.press('End');
    expect(await spoken.textContent()).toMatch(/^32 CPUs, more than cores; /);
    expect(await figure.locator('.tip').isVisible()).toBe(true);
    await page.keyboard.press('Escape');
    expect(await figure.locator('.tip').isVisible()).toBe(false);
  });

  test('the pointer shows the figures of the nearest CPU count', async () => {
    const { page } = await open();
    const over = page.locator('#chart-counter .u-over');
    await over.scrollIntoViewIfNeeded();
    await over.hover({ position: { x: 5, y: 60 } });
    await expect.poll(() => page.locator('#chart-counter .tip').textContent()).toMatch(/^1 CPU/);
  });

  test('a variant can be hidden, the scale and the quantity changed', async () => {
    const { page } = await open({ colorScheme: 'light' });
    const figure = page.locator('#chart-handover');
    const ink = (): Promise<Record<string, number>> =>
      page.evaluate(inkOf, '#chart-handover canvas');
    const button = figure.getByRole('button', { name: 'ticket' });
    await button.click();
    expect(await button.getAttribute('aria-pressed')).toBe('false');
    await page.mouse.move(0, 0);
    await button.blur();
    expect((await ink())['#2557d3'] ?? 0).toBe(0);
    await button.click();
    await page.mouse.move(0, 0);
    await button.blur();
    expect((await ink())['#2557d3']).toBeGreaterThan(50);

    const title = figure.locator('.axis-title');
    expect(await title.textContent()).toBe('acquisitions per second, all CPUs');
    await figure.getByRole('button', { name: 'Time' }).click();
    expect(await title.textContent()).toBe('time per acquisition');
    const before = await ink();
    await figure.getByRole('button', { name: 'Linear' }).click();
    expect(await figure.getByRole('button', { name: 'Log' }).getAttribute('aria-pressed')).toBe(
      'false',
    );
    expect(await ink()).not.toEqual(before);
  });

  test('the theme button turns the page and its charts dark and back', async () => {
    const { page } = await open({ colorScheme: 'light' });
    const ground = (): Promise<string> =>
      page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const button = page.getByRole('button', { name: 'Dark theme' });
    expect(await button.getAttribute('aria-pressed')).toBe('false');
    const light = await ground();
    await button.click();
    expect(await button.getAttribute('aria-pressed')).toBe('true');
    expect(await ground()).not.toBe(light);
    expect((await page.evaluate(inkOf, '#chart-handover canvas'))['#6ba3ff']).toBeGreaterThan(50);
    await button.click();
    expect(await ground()).toBe(light);
  });

  test.each([320, 390, 768, 1280, 2560])(
    'at %i pixels nothing leaves the page sideways',
    async (width) => {
      const { page } = await open({ viewport: { width, height: 800 } });
      const [content, room] = await page.evaluate(() => [
        document.documentElement.scrollWidth,
        document.documentElement.clientWidth,
      ]);
      expect(content).toBeLessThanOrEqual(room);
      const chart = await page.locator('#chart-handover canvas').boundingBox();
      expect(chart?.width).toBeLessThanOrEqual(width);
    },
  );

  test('a chart follows the width of the window', async () => {
    const { page } = await open({ viewport: { width: 1280, height: 800 } });
    const width = async (): Promise<number> =>
      (await page.locator('#chart-handover .uplot').boundingBox())?.width ?? 0;
    const wide = await width();
    await page.setViewportSize({ width: 500, height: 800 });
    await expect.poll(width).toBeLessThan(wide / 2);
  });

  test('without scripts every figure is there', async () => {
    const { page } = await open({ javaScriptEnabled: false });
    expect(await page.locator('#overview-handover tbody tr').count()).toBe(9);
    expect(await page.locator('#table-seam tbody tr').count()).toBe(3);
    expect(await page.locator('.headlines li').count()).toBe(2);
  });

  test('on paper: light colours, no buttons', async () => {
    const { page } = await open({ colorScheme: 'dark' });
    await page.emulateMedia({ media: 'print' });
    await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
    expect(await page.locator('.choices').first().isVisible()).toBe(false);
    expect((await page.evaluate(inkOf, '#chart-handover canvas'))['#2557d3']).toBeGreaterThan(50);
    await page.evaluate(() => dispatchEvent(new Event('afterprint')));
    expect((await page.evaluate(inkOf, '#chart-handover canvas'))['#6ba3ff']).toBeGreaterThan(50);
  });

  describe('measured and modelled in one chart', () => {
    const mixed = toFile(renderReport(makeMixedRun()));
    const TITLE = 'Made-up 8 × 32, "two & a half" sockets';

    test.each(['light', 'dark'] as const)('structure and contrast, %s', async (colorScheme) => {
      const { page, complaints } = await open({ colorScheme }, mixed);
      await page.locator('details').evaluateAll((all) => {
        for (const one of all) one.setAttribute('open', '');
      });
      expect(await page.evaluate(findProblems)).toEqual([]);
      expect(await page.evaluate(lowContrast)).toEqual([]);
      expect(complaints).toEqual([]);
    });

    test('the legend says which is which, and each can be hidden by itself', async () => {
      const { page } = await open({ colorScheme: 'light' }, mixed);
      const groups = page.locator('#chart-handover .legend');
      expect(await groups.locator('.clock').allTextContents()).toEqual([
        'measured on this host',
        `modelled: ${TITLE}`,
      ]);
      const ink = async (): Promise<number> =>
        (await page.evaluate(inkOf, '#chart-handover canvas'))['#d23c12'] ?? 0;
      const both = await ink();
      const button = groups.nth(1).getByRole('button', { name: 'ticket, modelled' });
      await button.click();
      await button.blur();
      await page.mouse.move(0, 0);
      const alone = await ink();
      expect(alone).toBeGreaterThan(50);
      expect(alone).toBeLessThan(both * 0.8);
      const other = groups.nth(0).getByRole('button', { name: 'ticket' });
      await other.click();
      await other.blur();
      await page.mouse.move(0, 0);
      expect(await ink()).toBe(0);
    });

    test('walking through the chart: modelled figures are announced as such', async () => {
      const { page } = await open({}, mixed);
      const figure = page.locator('#chart-handover');
      await figure.locator('.plot').focus();
      const spoken = figure.locator('.spoken[aria-live]');
      await page.keyboard.press('ArrowRight');
      expect(await spoken.textContent()).toMatch(/^1 CPU; tas: .*; tas, modelled: 60\.0 M\/s; /);
      await page.keyboard.press('End');
      expect(await spoken.textContent()).toMatch(/^256 CPUs; tas, modelled: 408 k\/s; ticket, /);
    });

    test('the tables name the clock of every figure', async () => {
      const { page } = await open({}, mixed);
      const clocks = page.locator('#overview-handover th[scope="colgroup"]');
      expect((await clocks.allTextContents()).map((text) => text.trim())).toEqual([
        'measured on this host',
        `modelled: ${TITLE}`,
      ]);
      const rows = await page.evaluate(readTables);
      const kinds = rows.map(([, variant, clock, cpus]) => `${variant} ${clock} ${cpus}`);
      expect(kinds).toContain('ticket measured 16 more than cores');
      expect(kinds).toContain('ticket modelled 256');
    });

    test('where the time goes: bars as high as their figures, which stand below', async () => {
      const { page } = await open({}, mixed);
      const table = page.locator('.spent-table').first();
      const bar = table.locator('.bar').last();
      const height = (await bar.boundingBox())?.height ?? 0;
      const transfer = (await bar.locator('.transfer').boundingBox())?.height ?? 0;
      expect(transfer / height).toBeCloseTo(0.72, 1);
      const row = table.locator('tr', { hasText: 'line transfer' });
      expect(await row.locator('td').allTextContents()).toEqual([
        ...['0', '36 %', '54 %', '63 %', '68 %', '70 %', '71 %', '71 %', '72 %'],
      ]);
      const heat = table.locator('tr', { hasText: 'tas lock.word' }).locator('td').last();
      expect(await heat.textContent()).toBe('90 %');
      expect(await heat.evaluate((cell) => getComputedStyle(cell).backgroundColor)).toBe(
        'rgb(227, 134, 108)',
      );
    });

    test('the other variants open with the keyboard, and without scripts', async () => {
      for (const javaScriptEnabled of [true, false]) {
        const { page } = await open({ javaScriptEnabled }, mixed);
        const summary = page.locator('.spent summary').nth(1);
        expect(await page.locator('.spent-table').nth(1).isVisible()).toBe(false);
        await summary.focus();
        await page.keyboard.press('Enter');
        expect(await page.locator('.spent-table').nth(1).isVisible()).toBe(true);
      }
    });

    test.each([320, 768, 1280])('at %i pixels nothing leaves the page sideways', async (width) => {
      const { page } = await open({ viewport: { width, height: 800 } }, mixed);
      await page.locator('details').evaluateAll((all) => {
        for (const one of all) one.setAttribute('open', '');
      });
      const [content, room] = await page.evaluate(() => [
        document.documentElement.scrollWidth,
        document.documentElement.clientWidth,
      ]);
      expect(content).toBeLessThanOrEqual(room);
    });
  });
});

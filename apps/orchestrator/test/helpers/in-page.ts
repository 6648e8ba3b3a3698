/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/*
 * Functions that run inside the page: they may use nothing but their arguments.
 */

/** How many pixels of a canvas have each colour, as #rrggbb. */
export function inkOf(selector: string): Record<string, number> {
  const canvas = document.querySelector<HTMLCanvasElement>(selector);
  const context = canvas?.getContext('2d');
  if (canvas === null || context === null || context === undefined) return {};
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  const counts: Record<string, number> = {};
  for (let at = 0; at < data.length; at += 4) {
    if (data[at + 3] !== 255) continue;
    const channels = [data[at], data[at + 1], data[at + 2]];
    const colour = `#${channels.map((value) => (value ?? 0).toString(16).padStart(2, '0')).join('')}`;
    counts[colour] = (counts[colour] ?? 0) + 1;
  }
  return counts;
}

/** Every row of the full tables: experiment, variant, and then the cells. */
export function readTables(): string[][] {
  const rows: string[][] = [];
  for (const table of document.querySelectorAll('table[id^="table-"]')) {
    for (const group of table.querySelectorAll('tbody')) {
      const variant = group.querySelector('th')?.textContent.trim() ?? '';
      for (const row of group.querySelectorAll('tr')) {
        const cells = [...row.querySelectorAll('td')].map((cell) => cell.textContent.trim());
        rows.push([table.id.slice('table-'.length), variant, ...cells]);
      }
    }
  }
  return rows;
}

/** What a screen reader would stumble over. */
export function findProblems(): string[] {
  const problems: string[] = [];
  const all = <E extends Element>(selector: string): E[] => [
    ...document.querySelectorAll<E>(selector),
  ];
  if (document.documentElement.lang === '') problems.push('the page has no language');
  if (document.title === '') problems.push('the page has no title');
  if (all('h1').length !== 1) problems.push(`the page has ${all('h1').length} main headings`);
  if (all('main').length !== 1) problems.push('the page needs one main part');

  let level = 0;
  for (const heading of all('h1, h2, h3, h4, h5, h6')) {
    const next = Number(heading.tagName.slice(1));
    if (next > level + 1) {
      problems.push(`heading level ${next} follows ${level}: ${heading.textContent}`);
    }
    level = next;
  }
  for (const element of all<HTMLElement>(
    'button, a[href], [role="group"], [role="region"], summary',
  )) {
    const label = element.getAttribute('aria-label') ?? element.textContent;
    if (label.trim() === '') problems.push(`a ${element.tagName.toLowerCase()} has no name`);
  }
  const ids = all('[id]').map(({ id }) => id);
  for (const id of new Set(ids.filter((one, at) => ids.indexOf(one) !== at))) {
    problems.push(`two elements have the id ${id}`);
  }
  for (const element of all('[aria-labelledby], [aria-describedby]')) {
    for (const name of ['aria-labelledby', 'aria-describedby']) {
      for (const id of (element.getAttribute(name) ?? '').split(' ').filter((one) => one !== '')) {
        if (document.getElementById(id) === null) problems.push(`${name} points to no ${id}`);
      }
    }
  }
  for (const link of all<HTMLAnchorElement>('a[href^="#"]')) {
    const id = link.getAttribute('href')?.slice(1) ?? '';
    if (document.getElementById(id) === null) problems.push(`a link points to no ${id}`);
  }
  for (const table of all('table')) {
    if (table.querySelector('caption') === null) problems.push('a table has no caption');
  }
  for (const head of all('th')) {
    if (!head.hasAttribute('scope'))
      problems.push(`a table head has no scope: ${head.textContent}`);
  }
  for (const svg of all('svg:not([aria-hidden="true"])')) {
    if (!svg.hasAttribute('aria-label')) problems.push('a drawing has no description');
  }
  return problems;
}

/** Texts whose contrast with what is behind them is below 4.5:1 (3:1 for large ones). */
export function lowContrast(): string[] {
  type Rgba = [number, number, number, number];
  const parse = (colour: string): Rgba => {
    const [red = 0, green = 0, blue = 0, alpha = 1] = (colour.match(/[\d.]+/g) ?? []).map(Number);
    return [red, green, blue, alpha];
  };
  const luminance = ([red, green, blue]: Rgba): number => {
    const [r = 0, g = 0, b = 0] = [red, green, blue].map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const groundOf = (element: Element): Rgba => {
    for (let at: Element | null = element; at !== null; at = at.parentElement) {
      const ground = parse(getComputedStyle(at).backgroundColor);
      if (ground[3] === 1) return ground;
    }
    return [255, 255, 255, 1];
  };
  const found: string[] = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = texts.nextNode(); node !== null; node = texts.nextNode()) {
    const element = node.parentElement;
    const text = node.textContent?.trim() ?? '';
    if (element === null || text === '' || element.closest('script, style, noscript') !== null)
      continue;
    if (!element.checkVisibility()) continue;
    const style = getComputedStyle(element);
    const [a, b] = [luminance(parse(style.color)), luminance(groundOf(element))];
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const size = Number.parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (contrast < (large ? 3 : 4.5)) found.push(`${text.slice(0, 40)}: ${contrast.toFixed(2)}`);
  }
  return found;
}

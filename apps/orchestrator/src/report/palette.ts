/**
 * The colours of the report, light and dark.
 *
 * Series colours differ under each of the common kinds of colour blindness (a test simulates
 * them), and every series also has a marker shape of its own, so that no meaning rests on colour
 * alone. Text reaches 4.5:1 on its background, marks and lines 3:1 (WCAG 2.2, AA).
 */
export interface Palette {
  readonly page: string;
  readonly surface: string;
  /** Slightly set off from the surface: table heads, code. */
  readonly raised: string;
  readonly text: string;
  readonly muted: string;
  readonly line: string;
  readonly grid: string;
  readonly accent: string;
  /** Tint behind the part of a chart where CPUs share cores. */
  readonly shade: string;
  readonly warning: string;
  readonly series: readonly string[];
  /** What time is spent on: compute, transfer, lock wait, IPI, idle. */
  readonly spent: readonly string[];
  /** Behind the figures of a heat map, from nothing to most. */
  readonly heat: readonly string[];
}

/** `steps` colours from `cold` towards `hot`, the last one `share` of the way. */
function blend(cold: string, hot: string, share: number, steps = 8): string[] {
  const channel = (hex: string, at: number): number =>
    Number.parseInt(hex.slice(1 + 2 * at, 3 + 2 * at), 16);
  return Array.from({ length: steps }, (_, step) => {
    const part = (share * step) / (steps - 1);
    const mixed = [0, 1, 2].map((at) =>
      Math.round(channel(cold, at) * (1 - part) + channel(hot, at) * part)
        .toString(16)
        .padStart(2, '0'),
    );
    return `#${mixed.join('')}`;
  });
}

export const light: Palette = {
  page: '#f6f7f9',
  surface: '#ffffff',
  raised: '#f0f2f5',
  text: '#171a1f',
  muted: '#59616e',
  line: '#d9dde3',
  grid: '#e8ebef',
  accent: '#2557d3',
  shade: '#eceff4',
  warning: '#8a4b00',
  series: ['#2557d3', '#d23c12', '#0f8378', '#7b2095', '#5d8019', '#4a3a52', '#d81b6a', '#1d77b5'],
  spent: ['#7d8796', '#d23c12', '#6a1b8a', '#00685c', '#7f8a99'],
  heat: blend('#ffffff', '#d23c12', 0.62),
};

export const dark: Palette = {
  page: '#0e1014',
  surface: '#15181d',
  raised: '#1e2229',
  text: '#e9ecf1',
  muted: '#a1a9b6',
  line: '#2f353f',
  grid: '#242932',
  accent: '#6ba3ff',
  shade: '#1d2128',
  warning: '#f2b25c',
  series: ['#6ba3ff', '#f5824a', '#3fd6a0', '#c792e0', '#e6d84a', '#d5f0ea', '#ee8fa0', '#6f87c9'],
  spent: ['#8e99a8', '#f5824a', '#c792e0', '#3fd6a0', '#7d8796'],
  heat: blend('#15181d', '#f5824a', 0.5),
};

/** The palette as CSS custom properties: `--text: #171a1f; … --series-1: …`. */
export function toCustomProperties(palette: Palette): string {
  const { series, spent, heat, ...named } = palette;
  const lines = Object.entries(named).map(([name, colour]) => `--${name}: ${colour};`);
  series.forEach((colour, index) => lines.push(`--series-${index + 1}: ${colour};`));
  spent.forEach((colour, index) => lines.push(`--spent-${index + 1}: ${colour};`));
  heat.forEach((colour, step) => lines.push(`--heat-${step}: ${colour};`));
  return lines.join(' ');
}

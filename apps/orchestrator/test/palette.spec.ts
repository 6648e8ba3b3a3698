/** Colours, computed: contrast by WCAG 2.2, and what is left of the series under colour blindness. */
import { expect, test } from 'vitest';
import { dark, light } from '../src/report/palette.ts';

type Colour = readonly [red: number, green: number, blue: number];

/** sRGB as linear light, 0 … 1. */
function linear(hex: string): Colour {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return [red, green, blue];
}

function luminance([red, green, blue]: Colour): number {
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(a: string, b: string): number {
  const [more, less] = [luminance(linear(a)), luminance(linear(b))].sort((x, y) => y - x);
  return ((more ?? 0) + 0.05) / ((less ?? 0) + 0.05);
}

/** Machado, Oliveira and Fernandes 2009, severity 1: rows of a matrix over linear light. */
const VISION: Readonly<Record<string, readonly Colour[]>> = {
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

/** CIE L*a*b*, D65. */
function lab([red, green, blue]: Colour): Colour {
  const part = (value: number): number =>
    value > 0.008856 ? Math.cbrt(value) : 7.787 * value + 16 / 116;
  const x = part((0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.95047);
  const y = part(0.2126 * red + 0.7152 * green + 0.0722 * blue);
  const z = part((0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.08883);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

function seen(hex: string, vision: readonly Colour[]): Colour {
  const [red, green, blue] = linear(hex);
  const [r = 0, g = 0, b = 0] = vision.map((row) =>
    Math.min(1, Math.max(0, row[0] * red + row[1] * green + row[2] * blue)),
  );
  return lab([r, g, b]);
}

/** Smallest colour difference (CIE76) between any two of the first six series. */
function leastDifference(series: readonly string[], vision: readonly Colour[]): number {
  const colours = series.slice(0, 6).map((hex) => seen(hex, vision));
  let least = Number.POSITIVE_INFINITY;
  colours.forEach((a, i) => {
    for (const b of colours.slice(i + 1)) {
      least = Math.min(least, Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]));
    }
  });
  return least;
}

test.each([
  ['light', light],
  ['dark', dark],
])('%s: text reaches 4.5:1, marks reach 3:1', (_, palette) => {
  const { text, muted, accent, warning, page, surface, raised, shade, series } = palette;
  for (const ground of [page, surface, raised, shade]) {
    for (const colour of [text, muted]) {
      expect(contrast(colour, ground), `${colour} on ${ground}`).toBeGreaterThanOrEqual(4.5);
    }
  }
  for (const colour of [accent, warning]) expect(contrast(colour, surface)).toBeGreaterThan(4.5);
  for (const colour of series) {
    for (const ground of [surface, shade]) {
      expect(contrast(colour, ground), `${colour} on ${ground}`).toBeGreaterThanOrEqual(3);
    }
  }
});

test.each([
  ['light', light],
  ['dark', dark],
])('%s: six series stay apart under every kind of colour blindness', (_, { series }) => {
  for (const [name, vision] of Object.entries(VISION)) {
    expect(leastDifference(series, vision), name).toBeGreaterThan(10);
  }
});

test.each([
  ['light', light],
  ['dark', dark],
])('%s: what time is spent on stays apart, and its marks reach 3:1', (_, palette) => {
  const { spent, surface } = palette;
  for (const colour of spent) expect(contrast(colour, surface)).toBeGreaterThanOrEqual(3);
  // Idle is hatched, and needs no colour of its own.
  for (const [name, vision] of Object.entries(VISION)) {
    expect(leastDifference(spent.slice(0, 4), vision), name).toBeGreaterThan(10);
  }
});

test.each([
  ['light', light],
  ['dark', dark],
])(
  '%s: every step of the heat map leaves its figures readable, and is seen as a step',
  (_, palette) => {
    const { heat, text } = palette;
    for (const colour of heat) expect(contrast(text, colour)).toBeGreaterThanOrEqual(4.5);
    const steps = heat.map((colour) => luminance(linear(colour)));
    const rising = steps.toSorted((a, b) => a - b);
    expect([rising, rising.toReversed()]).toContainEqual(steps);
    expect(new Set(heat).size).toBe(8);
  },
);

test('the twin: red and green of equal lightness are refused', () => {
  const deuteranopia = VISION.deuteranopia ?? [];
  expect(leastDifference(['#c06050', '#7d8040'], deuteranopia)).toBeLessThan(10);
  expect(contrast('#aaaaaa', '#ffffff')).toBeLessThan(3);
});

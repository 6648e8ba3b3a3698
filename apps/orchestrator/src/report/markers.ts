/** A corner of a marker, in the square −1 … 1; y grows downwards. */
type Corner = readonly [x: number, y: number];

function regular(corners: number, turn: number, radius = 1): Corner[] {
  return Array.from({ length: corners }, (_, k) => {
    const angle = ((k + turn) / corners) * 2 * Math.PI - Math.PI / 2;
    return [radius * Math.cos(angle), radius * Math.sin(angle)] as const;
  });
}

/** Arms of the width 2w, upright: a plus; turned by an eighth: a cross. */
function plus(w: number): Corner[] {
  return [
    ...([
      [-w, -1],
      [w, -1],
      [w, -w],
      [1, -w],
      [1, w],
      [w, w],
    ] as const),
    ...([
      [w, 1],
      [-w, 1],
      [-w, w],
      [-1, w],
      [-1, -w],
      [-w, -w],
    ] as const),
  ];
}

function turned(corners: readonly Corner[], angle: number): Corner[] {
  return corners.map(([x, y]) => [
    x * Math.cos(angle) - y * Math.sin(angle),
    x * Math.sin(angle) + y * Math.cos(angle),
  ]);
}

/**
 * One shape for each series colour, so that a chart can be read without colours: circle, square,
 * triangle, diamond, plus, triangle down, cross, hexagon.
 */
export const markers: readonly (readonly Corner[])[] = [
  regular(24, 0, 0.95),
  regular(4, 0.5, 1.2),
  regular(3, 0, 1.25),
  regular(4, 0, 1.25),
  plus(0.36),
  regular(3, 0.5, 1.25),
  turned(plus(0.36), Math.PI / 4),
  regular(6, 0, 1.1),
];

/** The marker of a series as the `points` of an SVG polygon in the box −1.5 … 1.5. */
export function markerPoints(series: number): string {
  const corners = markers[series % markers.length] ?? [];
  return corners.map(([x, y]) => `${x.toFixed(2)},${y.toFixed(2)}`).join(' ');
}

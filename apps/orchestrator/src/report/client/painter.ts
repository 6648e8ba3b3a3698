import type UPlot from 'uplot';
import type { ChartData, Metric, PageData } from './chart-data.ts';
import type { ChartScale } from './scale.ts';

export interface Look {
  readonly chart: ChartData;
  readonly metric: Metric;
  readonly scale: ChartScale;
  readonly hidden: ReadonlySet<number>;
  /** The series that the pointer or the focus is on, if any: all others step back. */
  readonly highlight: number | undefined;
}

export interface Painter {
  /** Below the series: the part of the chart where CPUs share cores. */
  below(plot: UPlot): void;
  /** Above the series: whiskers, markers, fitted curves. */
  above(plot: UPlot): void;
}

/**
 * Draws what uPlot has no notion of. Runs in the page: it must not refer to anything outside
 * itself, because its text is copied there.
 */
export function chartPainter(
  look: Look,
  markers: PageData['markers'],
  colour: (name: string) => string,
): Painter {
  const { chart, metric, scale, hidden, highlight } = look;

  return {
    below(plot) {
      if (chart.kind === 'scaling') shadeOversubscribed(plot);
    },
    above(plot) {
      chart.series.forEach((series, index) => {
        if (hidden.has(index)) return;
        plot.ctx.save();
        plot.ctx.globalAlpha = highlight === undefined || highlight === index ? 1 : 0.22;
        plot.ctx.strokeStyle = seriesColour(series.look);
        plot.ctx.fillStyle = seriesColour(series.look);
        drawFit(plot, series.fit?.[metric] ?? []);
        for (const point of series.points) drawPoint(plot, index, series, point);
        plot.ctx.restore();
      });
    },
  };

  function seriesColour(look: number): string {
    return colour(`--series-${(look % 8) + 1}`);
  }

  function shadeOversubscribed(plot: UPlot): void {
    const beyond = chart.series
      .flatMap((series) => series.points.filter((point) => point.oversubscribed))
      .map((point) => point.cpus);
    if (beyond.length === 0) return;
    const { ctx, bbox } = plot;
    const within = (scale.x(chart.cores) + scale.x(Math.min(...beyond))) / 2;
    const left = Math.max(plot.valToPos(within, 'x', true), bbox.left);
    // What is modelled further out shares no cores.
    const last = Math.max(...beyond);
    const further = chart.series.flatMap((series) => series.points.map((point) => point.cpus));
    const next = Math.min(...further.filter((cpus) => cpus > last));
    const end = Number.isFinite(next)
      ? plot.valToPos((scale.x(last) + scale.x(next)) / 2, 'x', true)
      : bbox.left + bbox.width;
    const right = Math.min(end, bbox.left + bbox.width);
    ctx.save();
    ctx.fillStyle = colour('--shade');
    ctx.fillRect(left, bbox.top, right - left, bbox.height);
    ctx.fillStyle = colour('--muted');
    ctx.font = `${11 * devicePixelRatio}px ${colour('--font')}`;
    ctx.textAlign = 'right';
    ctx.textBaseline = 'top';
    const note = 'more CPUs than cores';
    const room = right - left - 12 * devicePixelRatio;
    if (ctx.measureText(note).width <= room) {
      ctx.fillText(note, right - 6 * devicePixelRatio, bbox.top + 6 * devicePixelRatio);
    }
    ctx.restore();
  }

  function drawFit(plot: UPlot, curve: readonly (readonly [number, number])[]): void {
    const { ctx } = plot;
    ctx.lineWidth = 1.5 * devicePixelRatio;
    ctx.setLineDash([1.5 * devicePixelRatio, 3.5 * devicePixelRatio]);
    ctx.beginPath();
    curve.forEach(([cpus, value], step) => {
      const x = plot.valToPos(scale.x(cpus), 'x', true);
      const y = plot.valToPos(scale.y(value), 'y', true);
      if (step === 0) ctx.moveTo(x, y);
      else ctx.lineTo(x, y);
    });
    ctx.stroke();
    ctx.setLineDash([]);
  }

  function drawPoint(
    plot: UPlot,
    index: number,
    { look: shape, modelled }: ChartData['series'][number],
    point: ChartData['series'][number]['points'][number],
  ): void {
    const [median, low, high] = point[metric];
    const at = chart.kind === 'scaling' ? scale.x(point.cpus) : index;
    const x = plot.valToPos(at, 'x', true);
    const y = plot.valToPos(scale.y(median), 'y', true);
    if (!Number.isFinite(y)) return;
    drawWhisker(plot, x, low, high);
    drawMarker(plot, x, y, shape, point.oversubscribed || modelled);
    if (modelled) drawDot(plot, x, y);
  }

  function drawWhisker(plot: UPlot, x: number, low: number, high: number): void {
    const { ctx } = plot;
    const bottom = plot.valToPos(scale.y(low), 'y', true);
    const top = plot.valToPos(scale.y(high), 'y', true);
    // Shorter than the marker: nothing would show but its ends.
    if (!Number.isFinite(bottom - top) || bottom - top < 4 * devicePixelRatio) return;
    const cap = 4 * devicePixelRatio;
    ctx.lineWidth = 1.5 * devicePixelRatio;
    ctx.beginPath();
    ctx.moveTo(x, bottom);
    ctx.lineTo(x, top);
    ctx.moveTo(x - cap, bottom);
    ctx.lineTo(x + cap, bottom);
    ctx.moveTo(x - cap, top);
    ctx.lineTo(x + cap, top);
    ctx.stroke();
  }

  /** Makes a hollow mark a ringed one. */
  function drawDot(plot: UPlot, x: number, y: number): void {
    plot.ctx.beginPath();
    plot.ctx.arc(x, y, 1.6 * devicePixelRatio, 0, 2 * Math.PI);
    plot.ctx.fill();
  }

  function drawMarker(plot: UPlot, x: number, y: number, shape: number, hollow: boolean): void {
    const { ctx } = plot;
    const size = 5.5 * devicePixelRatio;
    const outline = markers[shape % markers.length] ?? [];
    ctx.beginPath();
    for (const [dx, dy] of outline) ctx.lineTo(x + dx * size, y + dy * size);
    ctx.closePath();
    ctx.lineWidth = (hollow ? 1.6 : 2) * devicePixelRatio;
    const inner = ctx.fillStyle;
    if (hollow) ctx.fillStyle = colour('--surface');
    ctx.fill();
    ctx.fillStyle = inner;
    ctx.stroke();
  }
}

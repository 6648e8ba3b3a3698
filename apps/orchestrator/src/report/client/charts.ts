import type UPlot from 'uplot';
import type { ChartData, Metric, PageData } from './chart-data.ts';
import type { chartPainter } from './painter.ts';
import type { chartScale } from './scale.ts';

/** What a reader can change about a chart. */
interface View {
  metric: Metric;
  logarithmic: boolean;
  readonly hidden: Set<number>;
  highlight: number | undefined;
}

/** A line of the box beside the pointer, with the colour of its series. */
interface TipLine {
  readonly text: string;
  readonly series?: number;
}

/**
 * Puts the charts into the page and makes their buttons work. Runs in the page: it must not refer
 * to anything but its arguments, because its text is copied there.
 *
 * Everything a chart says is also in the table beneath it. The chart itself can be walked through
 * with the arrow keys; each stop is announced.
 */
export function mountCharts(
  makePlot: typeof UPlot,
  scaleOf: typeof chartScale,
  painterOf: typeof chartPainter,
): void {
  const page = JSON.parse(document.querySelector('#page-data')?.textContent ?? '{}') as PageData;
  for (const chart of page.charts) {
    const figure = document.querySelector<HTMLElement>(`#chart-${chart.id}`);
    if (figure !== null) mount(chart, figure);
  }

  function colour(name: string): string {
    return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  }

  function find(within: HTMLElement, selector: string): HTMLElement {
    const found = within.querySelector<HTMLElement>(selector);
    if (found === null) throw new Error(`the page lacks ${selector}`);
    return found;
  }

  function mount(chart: ChartData, figure: HTMLElement): void {
    const canvas = find(figure, '.plot');
    const tip = find(figure, '.tip');
    const spoken = find(figure, '[aria-live]');
    const stops = [...new Set(chart.series.flatMap((s) => s.points.map((p) => p.cpus)))];
    stops.sort((a, b) => a - b);
    const view: View = {
      metric: chart.metric,
      logarithmic: true,
      hidden: new Set(),
      highlight: undefined,
    };
    let plot: UPlot | undefined;
    // Index of the CPU count (or of the series, side by side) that the tip tells about.
    let stop: number | undefined;

    draw();
    new ResizeObserver(() => {
      const width = Math.floor(canvas.clientWidth);
      if (plot !== undefined && width > 0 && width !== plot.width)
        plot.setSize({ width, height: heightFor(width) });
    }).observe(canvas);
    document.addEventListener('themechange', draw);
    wireButtons();
    wireKeys();

    function heightFor(width: number): number {
      return Math.round(Math.max(260, Math.min(400, width * 0.48)));
    }

    function draw(): void {
      plot?.destroy();
      const scale = scaleOf(chart, view.metric, view.logarithmic);
      const painter = painterOf({ chart, scale, ...view }, page.markers, colour);
      const width = Math.max(240, Math.floor(canvas.clientWidth));
      const font = `12px ${colour('--font')}`;
      const axis = {
        stroke: colour('--muted'),
        font,
        labelFont: font,
        grid: { stroke: colour('--grid'), width: 1 },
        ticks: { show: false },
      };
      const side = chart.kind === 'comparison';
      const stopsOnAxis = scale.xTicks.length;
      plot = new makePlot(
        {
          width,
          height: heightFor(width),
          legend: { show: false },
          cursor: { points: { show: false }, drag: { x: false, y: false }, y: false, move: snap },
          scales: {
            x: { time: false, range: () => [...scale.xRange] },
            y: { range: () => [...scale.yRange] },
          },
          axes: [
            {
              ...axis,
              ...(scale.xTitle === '' ? {} : { label: scale.xTitle, labelSize: 22 }),
              size: 30,
              grid: { ...axis.grid, show: !side },
              splits: () => scale.xTicks.map((tick) => (side ? tick : scale.x(tick))),
              // Names side by side need room; the legend has them too.
              values: () =>
                scale.xTicks.map((tick) =>
                  side && width < 110 * stopsOnAxis ? '' : scale.xLabel(tick),
                ),
            },
            {
              ...axis,
              size: 64,
              splits: () => scale.yTicks.map((tick) => scale.y(tick)),
              values: () => scale.yTicks.map((tick) => scale.yLabel(tick)),
            },
          ],
          series: [{}, ...chart.series.map((_, index) => lineOf(index, side))],
          hooks: {
            drawClear: [(u) => painter.below(u)],
            draw: [(u) => painter.above(u)],
            setCursor: [(u) => follow(u)],
          },
        },
        table(scale),
        canvas,
      );
      find(figure, '.axis-title').textContent = scale.yTitle;
    }

    function lineOf(index: number, side: boolean): UPlot.Series {
      const dimmed = view.highlight !== undefined && view.highlight !== index;
      return {
        show: !view.hidden.has(index),
        stroke: colour(`--series-${((chart.series[index]?.look ?? index) % 8) + 1}`),
        ...(chart.series[index]?.modelled === true ? { dash: [6, 5] } : {}),
        // Side by side there is nothing between two variants that a line could mean.
        width: side ? 0 : 2,
        alpha: dimmed ? 0.22 : 1,
        spanGaps: true,
        points: { show: false },
      };
    }

    function table(scale: ReturnType<typeof chartScale>): UPlot.AlignedData {
      if (chart.kind === 'comparison') {
        const at = chart.series.map((_, index) => index);
        return [
          at,
          ...chart.series.map((_, index) =>
            at.map((i) => (i === index ? valueAt(index, 0) : null)),
          ),
        ];
      }
      const rows = chart.series.map((_, index) => stops.map((_count, i) => valueAt(index, i)));
      return [stops.map((cpus) => scale.x(cpus)), ...rows];

      function valueAt(index: number, i: number): number | null {
        const point = chart.series[index]?.points.find(({ cpus }) => cpus === stops[i]);
        const value = point === undefined ? Number.NaN : scale.y(point[view.metric][0]);
        return Number.isFinite(value) ? value : null;
      }
    }

    /** The line under the pointer stands where there are figures, not between. */
    function snap(u: UPlot, left: number, top: number): [left: number, top: number] {
      const position = left < 0 ? undefined : u.data[0][u.posToIdx(left)];
      return position === undefined ? [left, top] : [u.valToPos(position, 'x'), top];
    }

    /** The pointer moved. */
    function follow(u: UPlot): void {
      const index = u.cursor.idx;
      if (typeof index === 'number' && (u.cursor.left ?? -1) >= 0) show(index, false);
      else hide();
    }

    function show(index: number, announce: boolean): void {
      if (plot === undefined) return;
      stop = index;
      const position = plot.data[0][index];
      const lines = linesAt(index);
      if (position === undefined || lines.length === 0) return hide();
      tip.replaceChildren(...lines.map(toElement));
      tip.hidden = false;
      const left = plot.valToPos(position, 'x') + plot.over.offsetLeft;
      const right = left > canvas.clientWidth / 2;
      tip.style.left = right ? '' : `${left + 14}px`;
      tip.style.right = right ? `${canvas.clientWidth - left + 14}px` : '';
      if (announce) spoken.textContent = lines.map(({ text }) => text).join('; ');
    }

    function toElement({ text, series }: TipLine): HTMLElement {
      const line = document.createElement('div');
      if (series !== undefined) {
        const dot = line.appendChild(document.createElement('i'));
        const { look = series, modelled = false } = chart.series[series] ?? {};
        const ink = `var(--series-${(look % 8) + 1})`;
        if (modelled) dot.style.border = `2px dotted ${ink}`;
        else dot.style.background = ink;
      }
      line.append(text);
      return line;
    }

    function hide(): void {
      tip.hidden = true;
    }

    function linesAt(index: number): TipLine[] {
      if (chart.kind === 'comparison') {
        const series = chart.series[index];
        const point = series?.points[0];
        if (series === undefined || point === undefined || view.hidden.has(index)) return [];
        return [
          { text: series.name, series: index },
          { text: view.metric === 'rate' ? point.rateText : point.timeText },
        ];
      }
      const lines = chart.series.flatMap((series, i) => {
        const point = series.points.find(({ cpus }) => cpus === stops[index]);
        if (point === undefined || view.hidden.has(i)) return [];
        const value = view.metric === 'rate' ? point.rateText : point.timeText;
        return [{ text: `${series.name}: ${value}`, series: i }];
      });
      const cpus = stops[index] ?? 0;
      const shared = chart.series.some((series) =>
        series.points.some((point) => point.cpus === cpus && point.oversubscribed),
      );
      const note = shared ? ', more than cores' : '';
      const head = `${cpus} CPU${cpus === 1 ? '' : 's'}${note}`;
      return lines.length === 0 ? [] : [{ text: head }, ...lines];
    }

    function wireButtons(): void {
      for (const button of figure.querySelectorAll<HTMLButtonElement>('button[data-series]')) {
        const index = Number(button.dataset.series);
        button.addEventListener('click', () => {
          if (view.hidden.has(index)) view.hidden.delete(index);
          else view.hidden.add(index);
          button.setAttribute('aria-pressed', String(!view.hidden.has(index)));
          draw();
        });
        const light = (on: boolean) => () => {
          const next = on && !view.hidden.has(index) ? index : undefined;
          if (view.highlight === next) return;
          view.highlight = next;
          draw();
        };
        button.addEventListener('pointerenter', light(true));
        button.addEventListener('pointerleave', light(false));
        button.addEventListener('focus', light(true));
        button.addEventListener('blur', light(false));
      }
      choose('metric', (value) => (view.metric = value === 'time' ? 'time' : 'rate'));
      choose('scale', (value) => (view.logarithmic = value === 'log'));
    }

    /** A group of buttons of which one is pressed. */
    function choose(group: string, take: (value: string) => void): void {
      const buttons = figure.querySelectorAll<HTMLButtonElement>(`button[data-${group}]`);
      for (const button of buttons) {
        button.addEventListener('click', () => {
          take(button.dataset[group] ?? '');
          for (const other of buttons) other.setAttribute('aria-pressed', String(other === button));
          draw();
        });
      }
    }

    function wireKeys(): void {
      const count = chart.kind === 'comparison' ? chart.series.length : stops.length;
      canvas.addEventListener('keydown', (event) => {
        const steps: Record<string, number> = {
          ArrowRight: (stop ?? -1) + 1,
          ArrowLeft: (stop ?? count) - 1,
          Home: 0,
          End: count - 1,
        };
        if (event.key === 'Escape') hide();
        const next = steps[event.key];
        if (next === undefined) return;
        event.preventDefault();
        show(Math.max(0, Math.min(count - 1, next)), true);
      });
      canvas.addEventListener('blur', hide);
    }
  }
}

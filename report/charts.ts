import { BarChart, CustomChart, LineChart, ParallelChart, ScatterChart } from 'echarts/charts';
import { GridComponent, LegendComponent, MarkLineComponent, ParallelComponent } from 'echarts/components';
import * as echarts from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { escapeText, Html } from './html.js';

echarts.use([
  ...[BarChart, CustomChart, LineChart, ParallelChart, ScatterChart],
  ...[GridComponent, LegendComponent, MarkLineComponent, ParallelComponent, SVGRenderer],
]);

/** What is told of a place in a chart to whoever points at it or comes to it by arrow keys. */
export interface Reading {
  /** In the units of the axes; of an axis of names, the place of one. */
  readonly at: readonly [x: number, y: number];
  readonly text: string;
}

/** An echarts option, and how high it is drawn. */
export interface Chart {
  /** Unique on the page; letters and digits. */
  readonly id: string;
  /** What the chart says, for those who don't see it. */
  readonly label: string;
  readonly heightPx: number;
  /** Stands beside another chart. */
  readonly half?: boolean;
  /** In the order in which arrow keys go through them. */
  readonly readings?: readonly Reading[];
  readonly option: (widthPx: number) => echarts.EChartsCoreOption;
}

/** Drawn for a wide column and for a phone, so that letters keep their size; the style sheet shows one of them. */
const WIDTHS = { wide: 940, half: 430, narrow: 340 } as const;

/** Colours as variables of the style sheet: one drawing serves light, dark and paper. */
export const INK = {
  text: 'var(--muted)',
  strong: 'var(--ink)',
  line: 'var(--line)',
  accent: 'var(--accent)',
  soft: 'var(--accent-soft)',
  neutral: 'var(--neutral)',
  warm: 'var(--warm)',
  ground: 'var(--card)',
} as const;

const FONT = 'var(--sans)';

/** Shared look of axes. */
export const axisStyle = {
  axisLine: { lineStyle: { color: INK.line } },
  axisTick: { show: false },
  axisLabel: { color: INK.text, fontSize: 12, fontFamily: FONT, hideOverlap: true },
  splitLine: { lineStyle: { color: INK.line, opacity: 0.7 } },
  nameTextStyle: { color: INK.text, fontSize: 12, fontFamily: FONT },
} as const;

/** SVG, twice (wide and narrow), with what the page's script reads out. The same option gives the same characters. */
export function drawChart(chart: Chart): Html {
  const width = chart.half ? WIDTHS.half : WIDTHS.wide;
  const wide = drawOne(chart, width, `${chart.id}wide`);
  const narrow = drawOne(chart, WIDTHS.narrow, `${chart.id}narrow`);
  const places = (chart.readings ?? []).map(
    ({ text }, i) => `${wide.places[i]!} ${narrow.places[i]!} ${text.replace(/\s+/g, ' ')}`,
  );
  const read = places.length > 0 ? ` data-read="${escapeText(places.join('\n'))}"` : '';
  return new Html(
    `<figure class="chart"${read}><div role="img" aria-label="${escapeText(chart.label)}">` +
      `<div class="draw-wide" style="max-width:${width}px">${wide.svg}</div>` +
      `<div class="draw-narrow">${narrow.svg}</div></div></figure>`,
  );
}

function drawOne(
  chart: Chart,
  width: number,
  id: string,
): { readonly svg: string; readonly places: string[] } {
  const instance = echarts.init(null, null, { renderer: 'svg', ssr: true, width, height: chart.heightPx });
  try {
    instance.setOption({ animation: false, textStyle: { fontFamily: FONT }, ...chart.option(width) });
    const svg = tidy(instance.renderToSVGString(), id);
    const places = (chart.readings ?? []).map(({ at }) =>
      instance
        .convertToPixel({ gridIndex: 0 }, [...at])
        .map(Math.round)
        .join(' '),
    );
    return { svg, places };
  } finally {
    instance.dispose();
  }
}

/** Takes out what only a live chart needs, and the renderer's running numbers, which differ from call to call. */
const tidy = (svg: string, id: string): string =>
  svg
    .replace(/<style[\s\S]*?<\/style>/g, '')
    .replace(/ (?:class|ecmeta_\w+|pointer-events|xmlns(?::xlink)?|version|baseProfile)="[^"]*"/g, '')
    .replace(/zr\d+-/g, `${id}-`)
    .replace(/<svg width="\d+" height="\d+"/, '<svg aria-hidden="true" focusable="false"')
    .replace(/\n+/g, '');

import type { DataMapSummary } from '../contracts/detail.js';
import { axisStyle, INK, type Chart } from './charts.js';
import { decimal, isolated, percent } from './format.js';

interface RenderApi {
  coord(point: readonly [number, number]): [number, number];
}

const AXES = {
  dynamics: { x: 'variability', most: 0.5 },
  outOfFold: { x: 'how sure the model is (margin)', most: 1 },
} as const;

const SHORT = { dynamics: 'variability', outOfFold: 'margin' } as const;

/** Looks of samples that are predicted right, now and then, and wrong: a filled dot, a ring, a larger ring. */
const LOOKS = [
  {
    name: 'predicted right',
    fits: (right: number) => right >= 0.8,
    color: INK.accent,
    size: 5,
    opacity: 0.55,
  },
  {
    name: 'now and then',
    fits: (right: number) => right > 0.2 && right < 0.8,
    color: INK.neutral,
    size: 5,
    opacity: 0.7,
  },
  { name: 'predicted wrong', fits: (right: number) => right <= 0.2, color: INK.warm, size: 6, opacity: 0.8 },
] as const;

/** Samples by how they are learned. All dots of one look are one path: a thousand of them stay small. */
export function dataMapChart(id: string, { kind, points, regions }: DataMapSummary): Chart {
  const { x, most } = AXES[kind];
  const looks = LOOKS.map((look) => ({
    ...look,
    own: points.filter(([, , right]) => look.fits(right)),
  })).filter(({ own }) => own.length > 0);
  const unit = { type: 'value', min: 0, splitNumber: 5 } as const;
  const axisLabel = { ...axisStyle.axisLabel, formatter: (value: number) => decimal(value, 1) };
  return {
    id,
    label: `Training samples: ${percent(regions.easy)} easy, ${percent(regions.ambiguous)} ambiguous, ${percent(regions.hard)} hard`,
    heightPx: 420,
    readings: [...points]
      .sort((a, b) => a[0] - b[0] || a[1] - b[1])
      .map(([across, own, right, sample]) => ({
        at: [across, own],
        text: `${sample === undefined ? '' : `${isolated(sample)}: `}${SHORT[kind]} ${decimal(across, 2)}, p ${decimal(own, 2)}, ${LOOKS.find((look) => look.fits(right))!.name}`,
      })),
    option: () => ({
      grid: { left: 48, right: 16, top: 34, bottom: 44 },
      legend: {
        ...{ top: 0, left: 40, itemWidth: 12, itemHeight: 12, itemGap: 16 },
        data: looks.map(({ name }) => ({ name, icon: 'circle' })),
        textStyle: { color: INK.text, fontSize: 12, fontFamily: 'var(--sans)' },
      },
      xAxis: { ...axisStyle, ...unit, max: most, name: x, nameLocation: 'middle', nameGap: 28, axisLabel },
      yAxis: {
        ...axisStyle,
        ...{ ...unit, max: 1, name: 'probability of the given label', nameLocation: 'middle', nameGap: 34 },
        ...{ axisLabel, axisLine: { show: false } },
      },
      series: looks.map(({ name, color, size, opacity, own }) => ({
        ...{ name, type: 'custom', itemStyle: { color }, data: [[0, 0]] },
        renderItem: (_: unknown, api: RenderApi) => ({
          type: 'path',
          shape: { pathData: own.map((point) => dotAt(api.coord([point[0], point[1]]))).join('') },
          style: { fill: 'none', stroke: color, lineWidth: size, lineCap: 'round', opacity },
        }),
      })),
    }),
  };
}

/** A line of no length: with round ends it is a dot. */
const dotAt = ([x, y]: readonly [number, number]): string => `M${x.toFixed(1)} ${y.toFixed(1)}h.01`;

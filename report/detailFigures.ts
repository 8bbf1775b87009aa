import type { DataMapSummary, LearningCurve } from '../contracts/detail.js';
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

const DASHES: Readonly<Record<string, { readonly color: string; readonly type: string }>> = {
  weighted: { color: INK.accent, type: 'solid' },
  uniform: { color: INK.strong, type: 'dashed' },
  shuffled: { color: INK.neutral, type: 'dotted' },
};

/** More of them are thinned: a line shows no more, and nobody reads them one by one. */
const MOST_EPOCHS = 120;

function thinned(losses: readonly number[]): (readonly [epoch: number, loss: number])[] {
  const every = Math.ceil(losses.length / MOST_EPOCHS);
  return losses
    .map((loss, epoch) => [epoch + 1, loss] as const)
    .filter((_, epoch) => epoch % every === 0 || epoch === losses.length - 1);
}

/** Mean training loss by epoch. */
export function learningChart(id: string, curves: readonly LearningCurve[]): Chart {
  return {
    id,
    label: curves
      .map(
        ({ arm, losses }) =>
          `${arm}: loss ${decimal(losses[0] ?? NaN)} after the first, ${decimal(losses.at(-1) ?? NaN)} after the last of ${losses.length} epochs`,
      )
      .join('; '),
    heightPx: 300,
    readings: curves.flatMap(({ arm, losses }) =>
      thinned(losses).map((at) => ({ at, text: `${arm}, epoch ${at[0]}: loss ${decimal(at[1])}` })),
    ),
    option: () => ({
      grid: { left: 48, right: 16, top: 34, bottom: 44 },
      legend: {
        ...{ top: 0, left: 40, itemWidth: 32, itemGap: 14, data: curves.map(({ arm }) => arm) },
        textStyle: { color: INK.text, fontSize: 12, fontFamily: 'var(--sans)' },
      },
      xAxis: {
        ...axisStyle,
        ...{ type: 'value', min: 1, minInterval: 1, name: 'epoch', nameLocation: 'middle', nameGap: 28 },
        splitLine: { show: false },
      },
      yAxis: {
        ...axisStyle,
        ...{ type: 'value', min: 0, name: 'loss', nameLocation: 'middle', nameGap: 34, splitNumber: 4 },
        axisLine: { show: false },
      },
      series: curves.map(({ arm, losses }) => {
        const look = DASHES[arm] ?? DASHES['shuffled']!;
        return {
          ...{ name: arm, type: 'line', symbol: losses.length > 1 ? 'none' : 'circle' },
          data: thinned(losses),
          lineStyle: { ...look, width: 2 },
          itemStyle: { color: look.color },
        };
      }),
    }),
  };
}

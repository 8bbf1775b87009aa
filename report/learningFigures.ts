import { axisStyle, INK, type Chart } from './charts.js';
import { decimal } from './format.js';
import { legendRoom, numbers } from './axes.js';

/** Values of one way of training, one an epoch or iteration. */
export interface StepValues {
  readonly arm: string;
  readonly values: readonly number[];
  /** Which one the model is from, from 1. */
  readonly kept?: number;
}

const DASHES: Readonly<Record<string, { readonly color: string; readonly type: string }>> = {
  weighted: { color: INK.accent, type: 'solid' },
  uniform: { color: INK.strong, type: 'dashed' },
  shuffled: { color: INK.neutral, type: 'dotted' },
};

/** More steps are thinned: a line shows no more, and nobody reads them one by one. */
const MOST_STEPS = 50;

type Point = readonly [step: number, value: number];

function thinned({ values, kept }: StepValues): Point[] {
  const every = Math.ceil(values.length / MOST_STEPS);
  return values
    .map((value, at) => [at + 1, value] as const)
    .filter(([step], at) => at % every === 0 || step === values.length || step === kept);
}

/** A value by epoch or iteration, a line for each way of training; a dot where training kept its model. */
export function stepsChart(id: string, what: string, unit: string, all: readonly StepValues[]): Chart {
  const isKept = ({ kept }: StepValues, [step]: Point): boolean => step === kept;
  return {
    id,
    label: all.map((one) => inWords(one, what, unit)).join('; '),
    heightPx: 300,
    readings: all.flatMap((one) =>
      thinned(one).map((at) => ({
        at,
        text: `${one.arm}, ${unit} ${at[0]}: ${what} ${decimal(at[1])}${isKept(one, at) ? ', kept' : ''}`,
      })),
    ),
    option: () => ({
      grid: { left: 48, right: 16, top: 34, bottom: 44 },
      legend: {
        ...{ top: 0, left: 40, itemWidth: 32, itemGap: 14, data: all.map(({ arm }) => arm) },
        textStyle: { color: INK.text, fontSize: 12, fontFamily: 'var(--sans)' },
      },
      xAxis: {
        ...axisStyle,
        ...{ type: 'value', min: 1, minInterval: 1, name: unit, nameLocation: 'middle', nameGap: 28 },
        max: Math.max(2, ...all.map(({ values }) => values.length)),
        splitLine: { show: false },
      },
      yAxis: {
        ...axisStyle,
        ...{ type: 'value', scale: true, name: what, nameLocation: 'middle', nameGap: 38, splitNumber: 4 },
        axisLabel: numbers(),
        axisLine: { show: false },
      },
      series: [
        ...all.map((one) => ({
          ...{ name: one.arm, type: 'line', symbol: one.values.length > 1 ? 'none' : 'circle' },
          ...{ data: thinned(one), lineStyle: { ...lookOf(one), width: 2 } },
          itemStyle: { color: lookOf(one).color },
        })),
        ...all.map((one) => ({
          ...{ type: 'scatter', symbolSize: 11, data: thinned(one).filter((at) => isKept(one, at)) },
          itemStyle: { color: lookOf(one).color, borderColor: INK.ground, borderWidth: 2, opacity: 1 },
        })),
      ],
    }),
  };
}

const lookOf = ({ arm }: StepValues) => DASHES[arm] ?? DASHES['shuffled']!;

function inWords({ arm, values, kept }: StepValues, what: string, unit: string): string {
  const ends = `${what} ${decimal(values[0] ?? NaN)} after the first, ${decimal(values.at(-1) ?? NaN)} after the last of ${values.length} ${unit}s`;
  const held =
    kept === undefined ? '' : `, ${decimal(values[kept - 1] ?? NaN)} at ${unit} ${kept}, which was kept`;
  return `${arm}: ${ends}${held}`;
}

/** A metric by strength of regularisation, from strong to weak, a line for each policy. */
export interface PathValues {
  readonly policy: string;
  readonly points: readonly Point[]; // strength, metric
}

export function pathChart(id: string, metric: string, paths: readonly PathValues[]): Chart {
  const looks = [INK.strong, INK.accent, INK.warm, INK.neutral];
  const types = ['dashed', 'solid', 'solid', 'dotted'];
  const names = paths.map(({ policy }) => ({ name: policy }));
  return {
    id,
    label: paths
      .map(({ policy, points }) => {
        const [strength, best] = points.reduce((top, one) => (one[1] > top[1] ? one : top));
        return `${policy}: ${metric} is best at strength ${strength}, ${decimal(best)}`;
      })
      .join('; '),
    heightPx: 280,
    readings: paths.flatMap(({ policy, points }) =>
      points.map((at) => ({ at, text: `${policy}, strength ${at[0]}: ${metric} ${decimal(at[1], 4)}` })),
    ),
    option: (width) => ({
      grid: { left: 56, right: 16, top: legendRoom(names, width), bottom: 44 },
      legend: {
        ...{ top: 0, left: 40, itemWidth: 32, itemGap: 20, data: paths.map(({ policy }) => policy) },
        textStyle: { color: INK.text, fontSize: 12, fontFamily: 'var(--sans)' },
      },
      xAxis: {
        ...axisStyle,
        ...{ type: 'log', min: 'dataMin', max: 'dataMax' },
        ...{ name: 'strength', nameLocation: 'middle', nameGap: 28 },
        ...{ axisLabel: numbers(), splitLine: { show: false } },
      },
      yAxis: {
        ...axisStyle,
        ...{ type: 'value', scale: true, name: metric, nameLocation: 'middle', nameGap: 44, splitNumber: 4 },
        ...{ axisLabel: numbers(), axisLine: { show: false } },
      },
      series: paths.map(({ policy, points }, i) => ({
        ...{ name: policy, type: 'line', symbol: 'circle', symbolSize: 7, data: points },
        lineStyle: { color: looks[i % 4], type: types[i % 4], width: 2 },
        itemStyle: { color: looks[i % 4] },
      })),
    }),
  };
}

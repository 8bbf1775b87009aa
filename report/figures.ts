import type { Analysis, RoundSummary, RunSummary } from '../contracts/summary.js';
import { axisStyle, INK, type Chart } from './charts.js';
import { count, decimal, percent, signed } from './format.js';
import { GRID, numbers, trimmed, type RenderApi } from './axes.js';
import { oneRowEach } from './intervalFigures.js';

type Histogram = RunSummary['weights']['histogram'];
type CrossValidation = RunSummary['crossValidation'];

const titled = (name: string, gap = 28) => ({ name, nameLocation: 'middle', nameGap: gap });

/** How many samples fall into each bin. */
export function histogramChart(id: string, label: string, axis: string, bins: Histogram): Chart {
  const width = bins.length > 0 ? bins[0]!.high - bins[0]!.low : 1;
  return {
    id,
    label,
    heightPx: 220,
    half: true,
    readings: bins.map(({ low, high, count: rows }) => ({
      at: [(low + high) / 2, rows],
      text: `${trimmed(low)} – ${trimmed(high)}: ${count(rows)} samples`,
    })),
    option: () => ({
      grid: { ...GRID, bottom: 24 },
      xAxis: {
        ...axisStyle,
        ...titled(axis),
        type: 'value',
        scale: true,
        splitLine: { show: false },
        axisLabel: { ...axisStyle.axisLabel, formatter: (value: number) => trimmed(value) },
      },
      yAxis: {
        ...axisStyle,
        type: 'value',
        min: 0,
        axisLine: { show: false },
        axisLabel: { ...axisStyle.axisLabel, formatter: (value: number) => count(value) },
        splitNumber: 3,
      },
      series: [
        {
          type: 'custom',
          encode: { x: [0, 1], y: 2 },
          data: bins.map(({ low, high, count: rows }) => [low, high, rows]),
          renderItem: (_: unknown, api: RenderApi) => bar(api, width),
        },
      ],
    }),
  };
}

function bar(api: RenderApi, width: number) {
  const [left, top] = api.coord([api.value(0), api.value(2)]);
  const [right, bottom] = api.coord([api.value(0) + width, 0]);
  const shape = { x: left + 1, y: top, width: Math.max(right - left - 2, 1), height: bottom - top };
  return { type: 'rect', shape: { ...shape, r: [2, 2, 0, 0] }, style: { fill: INK.accent } };
}

/** The incumbent's metric over rounds as a line, every candidate as a dot. */
export function roundsChart(id: string, metric: string, rounds: readonly RoundSummary[]): Chart {
  const names = rounds.map(({ round }) => (round === 0 ? 'uniform' : `round ${round}`));
  const dots = (accepted: boolean) =>
    rounds.flatMap((round, index) =>
      round.candidates
        .filter((candidate) => (bestOf(round) === candidate) === accepted)
        .map((candidate) => [index, candidate.metric]),
    );
  return {
    id,
    label: `${metric} of the incumbent by round: ${rounds.map((round, i) => `${names[i] ?? ''} ${decimal(round.metric)}`).join(', ')}`,
    heightPx: 260,
    readings: rounds.flatMap(({ candidates }, index) =>
      candidates.map(({ policy, strength, metric: value, gain }) => ({
        at: [index, value] as const,
        text: `round ${rounds[index]!.round}, ${policy}, strength ${strength}: ${metric} ${decimal(value, 4)}, gain ${signed(gain, 4)}`,
      })),
    ),
    option: () => ({
      grid: GRID,
      xAxis: { ...axisStyle, type: 'category', data: names, boundaryGap: true },
      yAxis: {
        ...axisStyle,
        type: 'value',
        scale: true,
        axisLine: { show: false },
        axisLabel: numbers(),
        splitNumber: 4,
      },
      series: [
        {
          type: 'line',
          step: 'end',
          symbol: 'none',
          data: rounds.map((round) => round.metric),
          lineStyle: { color: INK.accent, width: 2 },
        },
        {
          type: 'scatter',
          symbolSize: 9,
          data: dots(false),
          itemStyle: { color: INK.ground, borderColor: INK.neutral, borderWidth: 1.5, opacity: 1 },
        },
        {
          type: 'scatter',
          symbolSize: 12,
          data: dots(true),
          itemStyle: { color: INK.accent, borderColor: INK.ground, borderWidth: 2, opacity: 1 },
        },
      ],
    }),
  };
}

function bestOf({ accepted, candidates }: RoundSummary) {
  const won = candidates.filter(({ policy }) => policy === accepted);
  return won.reduce<(typeof won)[number] | undefined>(
    (best, one) => (best && best.metric >= one.metric ? best : one),
    undefined,
  );
}

/** Every fold as a dot, the mean as a bar, one row an arm. */
export function foldsChart(id: string, rows: CrossValidation): Chart {
  return {
    id,
    label: rows
      .map(({ arm, mean, standardDeviation }) => `${arm} ${decimal(mean)} ± ${decimal(standardDeviation)}`)
      .join(', '),
    heightPx: 56 + 40 * rows.length,
    readings: rows.flatMap(({ arm, mean, perFold }, index) => [
      { at: [mean, index] as const, text: `${arm}, mean: ${decimal(mean, 4)}` },
      ...perFold.map((value, i) => ({
        at: [value, index] as const,
        text: `${arm}, ${i + 1}: ${decimal(value, 4)}`,
      })),
    ]),
    option: () => ({
      ...oneRowEach(rows.map(({ arm }) => arm)),
      series: [
        {
          type: 'scatter',
          symbolSize: 9,
          data: rows.flatMap(({ perFold }, index) => perFold.map((value) => [value, index])),
          itemStyle: { color: INK.neutral, opacity: 0.6 },
        },
        {
          type: 'scatter',
          symbol: 'rect',
          symbolSize: [3, 22],
          data: rows.map(({ mean }, index) => [mean, index]),
          itemStyle: { color: INK.accent, opacity: 1 },
        },
      ],
    }),
  };
}

/** How often the model is right where it says that it is; on the diagonal it is as sure as it should be. */
export function calibrationChart(id: string, bins: Analysis['calibration']): Chart {
  const filled = bins.filter((bin) => bin.count > 0);
  const most = Math.max(1, ...filled.map((bin) => bin.count));
  const unit = { min: 0, max: 1, axisLabel: numbers(1), splitNumber: 5 };
  return {
    id,
    label: `Accuracy by confidence: ${filled.map((bin) => `${decimal(bin.confidence, 2)} → ${decimal(bin.accuracy, 2)}`).join(', ')}`,
    heightPx: 300,
    readings: filled.map(({ confidence, accuracy, count: samples }) => ({
      at: [confidence, accuracy],
      text: `confidence ${decimal(confidence, 2)}: ${percent(accuracy, 1)} right of ${count(samples)} samples`,
    })),
    option: () => ({
      grid: { ...GRID, bottom: 24, left: 24 },
      xAxis: { ...axisStyle, ...unit, ...titled('confidence'), type: 'value' },
      yAxis: {
        ...axisStyle,
        ...unit,
        ...titled('share that is right', 36),
        type: 'value',
        axisLine: { show: false },
      },
      series: [
        {
          type: 'line',
          symbol: 'none',
          data: [
            [0, 0],
            [1, 1],
          ],
          lineStyle: { color: INK.neutral, width: 1, type: 'dashed' },
        },
        {
          type: 'line',
          data: filled.map((bin) => [bin.confidence, bin.accuracy, bin.count]),
          symbol: 'circle',
          symbolSize: (bin: readonly number[]) => 5 + 11 * Math.sqrt((bin[2] ?? 0) / most),
          lineStyle: { color: INK.accent, width: 2 },
          itemStyle: { color: INK.accent, borderColor: INK.ground, borderWidth: 2 },
        },
      ],
    }),
  };
}

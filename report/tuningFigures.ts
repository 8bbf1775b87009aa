import type { TuningSummary } from '../contracts/tune.js';
import { axisStyle, INK, type Chart } from './charts.js';
import { trimmed } from './axes.js';
import { decimal } from './format.js';

type Trial = TuningSummary['trials'][number];
type Value = Trial['params'][string];

/** Settings as axes, trials that saw all rows as lines through them; the last axis is how good they were. */
export function trialsChart(id: string, { trials, chosen, metric }: TuningSummary): Chart {
  const judged = trials.filter(({ rungs }) => rungs.at(-1)?.share === 1 && rungs.at(-1)?.value !== null);
  const names = Object.keys(trials[0]!.params);
  const axes = names.map((name) =>
    axisOf(
      name,
      trials.map(({ params }) => params[name] ?? null),
    ),
  );
  const best = judged.find(({ number }) => number === chosen);
  const line = (trial: Trial) => ({
    value: [...names.map((name, a) => axes[a]!.place(trial.params[name] ?? null)), trial.rungs.at(-1)!.value],
    lineStyle:
      trial.number === chosen
        ? { color: INK.accent, width: 3, opacity: 1 }
        : { color: trial.number === 0 ? INK.warm : INK.neutral, width: 1.5, opacity: 0.8 },
  });
  return {
    id,
    label: `${judged.length} trials by ${metric}${best ? `, the chosen one ${decimal(best.rungs.at(-1)!.value!)}` : ''}`,
    heightPx: 280,
    option: () => ({
      parallel: { left: 40, right: 60, top: 36, bottom: 24, axisExpandable: false },
      parallelAxis: [
        ...axes.map(({ option }, dim) => ({ ...STYLE, ...option, dim })),
        {
          ...STYLE,
          ...{ dim: names.length, name: metric, type: 'value', scale: true },
          axisLabel: { ...STYLE.axisLabel, formatter: (value: number) => decimal(value) },
        },
      ],
      // The chosen one is drawn last, over the others.
      series: [
        {
          type: 'parallel',
          data: [...judged.filter((one) => one !== best), ...(best ? [best] : [])].map(line),
        },
      ],
    }),
  };
}

const STYLE = { ...axisStyle, nameTextStyle: axisStyle.nameTextStyle, nameGap: 14 };

/** Numbers on a scale, by their logarithm where they span more than a factor of ten; all else by its place in a list. */
function axisOf(name: string, values: readonly Value[]) {
  const numbers = values.filter((value) => typeof value === 'number');
  if (numbers.length === values.length) {
    const isWide = Math.min(...numbers) > 0 && Math.max(...numbers) > 10 * Math.min(...numbers);
    const place = (value: Value): number => (isWide ? Math.log10(Number(value)) : Number(value));
    const formatter = (value: number): string =>
      trimmed(isWide ? Number((10 ** value).toPrecision(2)) : value);
    const axisLabel = { ...axisStyle.axisLabel, formatter };
    return { place, option: { name, type: 'value', scale: true, axisLabel } };
  }
  const told = [...new Set(values.map(textOf))];
  return { place: textOf, option: { name, type: 'category', data: told } };
}

const textOf = (value: Value): string => (typeof value === 'string' ? value : JSON.stringify(value));

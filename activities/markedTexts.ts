import type { TextPart } from '../contracts/detail.js';
import type { StageContext } from '../contracts/store.js';
import { modelByName } from '../models/index.js';
import { explainRows, openExplainer, type Explainer } from './attribution.js';
import { loadFor } from './loadFor.js';
import { only } from './prepared.js';
import { readNumbered } from './rowSource.js';
import type { Ground } from './runDetail.js';

/** Of a text that is shown. */
const MOST_CHARACTERS = 300;

/**
 * The model that the run ended with, ready to be taken apart; undefined where there is none, or it can't be.
 *
 * @param rows that will be asked about
 */
export async function finalExplainer(
  { shards, inputs, samples, model: name, engine: choice }: Ground,
  rows: Iterable<number>,
  context: StageContext,
): Promise<Explainer | undefined> {
  const [model] =
    shards.find(({ path }) => path.startsWith('loop.weighted.fit.'))?.entry.outputs['models'] ?? [];
  const [featurizer] = shards.find(({ path }) => path === 'featurize')?.entry.outputs['featurizer'] ?? [];
  if (!model || !featurizer || !inputs['features']) return undefined;
  const { input } = await loadFor({ name }, 'crossEntropy', inputs, context);
  const explainer = await openExplainer(
    context.artifacts,
    { model, featurizer },
    {
      ...{ name, input, outputs: samples.classes.length },
      dataset: await readNumbered(context.artifacts, only(inputs, 'dataset'), rows),
      ...(modelByName(name).usesEngine ? { engine: await context.engine(choice) } : {}),
    },
  );
  return explainer.model.attribute ? explainer : undefined;
}

/** The texts of some rows in parts, each with what it adds to one class against another. */
export const markedTexts = (
  explainer: Explainer,
  rows: readonly { readonly row: number; readonly toward: number; readonly against: number }[],
): TextPart[][] => explainRows(explainer, rows).map(({ parts }) => firstParts(parts));

/** As many parts as a page has room for. */
export function firstParts(parts: readonly TextPart[], most = MOST_CHARACTERS): TextPart[] {
  let length = 0;
  return parts
    .filter(({ text }) => (length += text.length) <= most)
    .map(({ text, value }) => ({ text, value: Number(value.toPrecision(4)) }));
}

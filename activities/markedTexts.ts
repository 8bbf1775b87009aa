import type { TextPart } from '../contracts/detail.js';
import type { StageContext } from '../contracts/store.js';
import { modelByName } from '../models/index.js';
import { explainRows, openExplainer } from './attribution.js';
import { loadFor } from './prepared.js';
import type { Ground } from './runDetail.js';

/** Networks take a second or so a sample on a slow machine. */
const MOST_BY_NETWORK = 12;
const MOST_CHARACTERS = 400;

/**
 * The texts of some rows in parts, each with what it adds to one class against another by the model that the run ended
 * with. Empty where that model can't be taken apart; fewer than asked for where a network does it.
 */
export async function markedTexts(
  { shards, inputs, dataset, samples, model: name, engine: choice }: Ground,
  rows: readonly { readonly row: number; readonly toward: number; readonly against: number }[],
  context: StageContext,
): Promise<TextPart[][]> {
  const [model] =
    shards.find(({ path }) => path.startsWith('loop.weighted.fit.'))?.entry.outputs['models'] ?? [];
  const [featurizer] = shards.find(({ path }) => path === 'featurize')?.entry.outputs['featurizer'] ?? [];
  if (!model || !featurizer || !inputs['features'] || rows.length === 0) return [];
  const isNetwork = modelByName(name).usesEngine === true;
  const { input } = await loadFor({ name }, 'crossEntropy', inputs, context);
  const explainer = await openExplainer(
    context.artifacts,
    { model, featurizer },
    {
      ...{ name, input, dataset, outputs: samples.classes.length },
      ...(isNetwork ? { engine: await context.engine(choice) } : {}),
    },
  );
  if (!explainer.model.attribute) return [];
  const explained = explainRows(explainer, isNetwork ? rows.slice(0, MOST_BY_NETWORK) : rows);
  return explained.map(({ parts }) => firstParts(parts));
}

/** As many parts as a page has room for. */
function firstParts(parts: readonly TextPart[]): TextPart[] {
  let length = 0;
  return parts
    .filter(({ text }) => (length += text.length) <= MOST_CHARACTERS)
    .map(({ text, value }) => ({ text, value: Number(value.toPrecision(4)) }));
}

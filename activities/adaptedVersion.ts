import type { ArtifactRef } from '../contracts/artifact.js';
import type { FittedModel } from '../contracts/model.js';
import { SPLITS } from '../contracts/prepared.js';
import { CHAMPION, ModelDraft } from '../contracts/registry.js';
import type { StageContext } from '../contracts/store.js';
import type { Estimate, GateDecision } from '../contracts/summary.js';
import type { ColumnBatch } from '../contracts/table.js';
import { gather, integers, numbers, pickRows, texts } from '../core/table.js';
import type { Adapting } from './adapting.js';
import { writeDocument } from './prepared.js';
import { SAMPLE_COLUMNS } from './sampleColumns.js';
import { userGroups } from './userGroups.js';

/** Name of the weights of a model that went on from another. */
const POLICY = 'adapted';

export interface AdaptedModel {
  readonly ground: Adapting;
  readonly model: FittedModel;
  readonly reasons: readonly string[];
  readonly decision: GateDecision;
  /** Make it champion where the champion is held by this move still; null: only register it. */
  readonly promote: { readonly by: string; readonly move: number } | null;
  readonly accuracy: Estimate; // on new test rows
}

/**
 * Gives the new model a version, and makes it champion, where asked, if the champion is still the one that it went on from. Its data are
 * the champion's and the new rows together, the newer of two rows with one id. Asked again, it finds what it did.
 */
export async function registerAdapted(
  { ground, model, reasons, decision, promote, accuracy }: AdaptedModel,
  { artifacts, registry }: StageContext,
): Promise<{ registered: string; isChampion: boolean }> {
  const { version: from } = ground;
  const merged = await together(ground);
  const { columns } = await artifacts.manifest(from.artifacts.dataset);
  const origin = `${from.name}@${from.version}`;
  const { featurizer, classes, card } = from.artifacts;
  const kept: ModelDraft['artifacts'] = {
    ...{ featurizer, classes },
    weights: await artifacts.writeModel(model.tensors()),
    dataset: await artifacts.writeTable('dataset', columns, [merged]),
    samples: await artifacts.writeTable('samples', SAMPLE_COLUMNS, [samplesOf(merged, ground.classes)]),
    sampleWeights: await weightsOf(ground, merged, artifacts),
    card: await cardOf(card, origin, reasons, artifacts),
    gate: await writeDocument(artifacts, decision),
  };
  const draft: ModelDraft = {
    ...ModelDraft.strip().parse(from),
    runId: `adapt/${from.name}`,
    policy: POLICY,
    artifacts: kept,
    metrics: { accuracy },
    metric: 'accuracy',
    gate: { promoted: decision.promoted, reason: decision.reason },
  };
  const made = await registry.register(draft);
  const registered = `${made.name}@${made.version}`;
  const held = await registry.holder(made.name, CHAMPION);
  if (held?.version === made.version) return { registered, isChampion: true };
  if (!promote) return { registered, isChampion: false };
  const moved = await registry.move({
    ...{ name: made.name, alias: CHAMPION, version: made.version, action: 'promote', by: promote.by },
    ...{ why: reasons.join('; '), runId: draft.runId, expected: promote.move },
  });
  return { registered, isChampion: moved !== undefined };
}

/** Both tables as one, in order of id. */
async function together({ reference, batch }: Adapting): Promise<ColumnBatch> {
  const both = await gather([reference, batch]);
  const ids = texts(both, 'id') as string[];
  const newest = new Map(ids.map((id, row) => [id, row]));
  const rows = [...newest.values()].sort((a, b) => (ids[a]! < ids[b]! ? -1 : 1));
  return pickRows(both, Int32Array.from(rows));
}

function samplesOf(table: ColumnBatch, classes: readonly string[]): ColumnBatch {
  const row = Int32Array.from({ length: table.rows }, (_, at) => at);
  return {
    rows: table.rows,
    columns: {
      ...{ row, id: texts(table, 'id'), group: userGroups(table), cluster: row },
      split: Int32Array.from(texts(table, 'split'), (side) => SPLITS.findIndex((one) => one === side)),
      target: Int32Array.from(texts(table, 'target'), (target) => classes.indexOf(target ?? '')),
    },
  };
}

/** What remembered training rows counted, and 1 for new ones. */
async function weightsOf(
  { version, reference }: Adapting,
  merged: ColumnBatch,
  artifacts: StageContext['artifacts'],
): Promise<ArtifactRef> {
  const counted = new Map<string, number>();
  const { sampleWeights } = version.artifacts;
  if (sampleWeights && version.policy !== 'uniform') {
    const table = await gather(artifacts.readTable(sampleWeights));
    const ids = texts(reference, 'id');
    const values = numbers(table, version.policy);
    integers(table, 'row').forEach((row, i) => counted.set(ids[row]!, values[i]!));
  }
  const row = Int32Array.from({ length: merged.rows }, (_, at) => at).filter(
    (at) => texts(merged, 'split')[at] === 'train',
  );
  const adapted = Float64Array.from(row, (at) => counted.get(texts(merged, 'id')[at]!) ?? 1);
  const columns = [
    { name: 'row', type: 'int32' },
    { name: POLICY, type: 'float64' },
  ] as const;
  return artifacts.writeTable('weights', columns, [
    { rows: row.length, columns: { row, [POLICY]: adapted } },
  ]);
}

/** The card of the model that it went on from, below what was done since. */
async function cardOf(
  card: ArtifactRef,
  origin: string,
  reasons: readonly string[],
  artifacts: StageContext['artifacts'],
): Promise<ArtifactRef> {
  const before = (await artifacts.verify(card))
    ? new TextDecoder().decode(await artifacts.readBlob(card))
    : '';
  const text = `# Gone on from ${origin}\n\n${reasons.map((reason) => `- ${reason}`).join('\n')}\n\n${before}`;
  return artifacts.writeBlob('card', new TextEncoder().encode(text), 'text/markdown; charset=utf-8');
}

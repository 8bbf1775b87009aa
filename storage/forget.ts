import type { ArtifactKind, ArtifactRef } from '../contracts/artifact.js';
import type { ArtifactStore, ObjectStore } from '../contracts/store.js';
import type { Column, ColumnBatch } from '../contracts/table.js';
import { dependentsOf } from '../core/lineage/graph.js';
import { concurrently } from '../core/concurrently.js';
import { FORGOTTEN, type ForgetRecord } from './forgetRecord.js';
import { canonicalJson, sha256 } from './hash.js';
import { rowsOf, type Holder, type Search } from './holders.js';
import { checkpointKeys, type Inventory, type ListedArtifact } from './inventory.js';

const DELETES_AT_ONCE = 8;
/** Tables that are written again without the sample. What else held it is made anew by the next run. */
const REWRITTEN: readonly ArtifactKind[] = ['dataset', 'quarantine'];
/** What predictions are made with; it stays until it is told to go, so that nothing stops answering. */
const SERVED: readonly ArtifactKind[] = ['model', 'featurizer', 'vocabulary', 'classes', 'card'];

/** What forgetting a sample means for a store. */
export interface ForgetPlan {
  readonly id: string;
  readonly rewrite: readonly Holder[];
  readonly remove: readonly ListedArtifact[];
  /** Models, and what they are run with, that learned from the sample. */
  readonly retrain: readonly ListedArtifact[];
  /** Keys of finished stages that depend on it. */
  readonly stages: readonly string[];
  /** Finished runs of which something depends on it. */
  readonly runs: readonly string[];
  /** Keys of the bytes that nothing else holds. */
  readonly blobs: readonly string[];
  readonly freedBytes: number;
}

export interface ForgetOptions {
  /** Key of a dataset: forget the sample in it and in what was made of it. @default every dataset */
  readonly dataset?: string;
  /** Also removes the models that learned from the sample, now or before. */
  readonly withModels?: boolean;
}

/** Finds what holds a sample and what depends on it. */
export function planForget(
  inventory: Inventory,
  id: string,
  { holders, examined }: Search,
  options: ForgetOptions = {},
): ForgetPlan {
  const derivations = [...inventory.stages.values()];
  const { dataset } = options;
  const within = dataset === undefined ? undefined : dependentsOf(derivations, new Set([dataset]), new Set());
  const held = holders.filter(({ artifact }) => within?.artifacts.has(artifact.ref.key) ?? true);
  const keys = new Set(held.map(({ artifact }) => artifact.ref.key));
  const depends = dependentsOf(derivations, keys, examined);
  const dependent = [...depends.artifacts].flatMap((key) => inventory.artifacts.get(key) ?? []);
  const isServed = ({ ref }: ListedArtifact): boolean => SERVED.includes(ref.kind);
  const before = inventory.forgotten.filter(({ idSha256 }) => idSha256 === sha256(id));
  const undone = before.filter(({ endedAt }) => endedAt === null);
  const all = (records: readonly ForgetRecord[], list: 'removed' | 'retrain'): ListedArtifact[] =>
    records.flatMap((record) => record[list].flatMap(({ key }) => inventory.artifacts.get(key) ?? []));
  const learned = [...new Set([...dependent.filter(isServed), ...all(before, 'retrain')])];
  const others = [...dependent.filter((artifact) => !isServed(artifact)), ...all(undone, 'removed')];
  const remove = [...new Set([...others, ...(options.withModels === true ? learned : [])])];
  const blobs = blobsOnlyOf(inventory, remove);
  const gone = new Set(remove.map(({ ref }) => ref.key));
  // Whoever wrote a table that goes, from the user's files, has read none that holds the sample.
  const writers = derivations.filter(({ outputs }) => outputs.some((key) => gone.has(key)));
  const stages = new Set([...depends.stages, ...writers.map(({ stageKey }) => stageKey)]);
  return {
    id,
    rewrite: held.filter(({ artifact }) => REWRITTEN.includes(artifact.ref.kind)),
    remove,
    retrain: options.withModels === true ? [] : learned,
    stages: [...stages],
    runs: inventory.runs.filter((run) => run.stages.some((key) => stages.has(key))).map(({ runId }) => runId),
    blobs,
    freedBytes: blobs.reduce((sum, key) => sum + (inventory.objects.get(key)?.sizeBytes ?? 0), 0),
  };
}

/** Bytes may be shared by artifacts of equal content. */
function blobsOnlyOf({ artifacts }: Inventory, going: readonly ListedArtifact[]): string[] {
  const goingKeys = new Set(going.map(({ ref }) => ref.key));
  const staying = [...artifacts.values()].filter(({ ref }) => !goingKeys.has(ref.key));
  const kept = new Set(staying.flatMap(({ manifest }) => manifest.parts.map((part) => part.key)));
  const all = new Set(going.flatMap(({ manifest }) => manifest.parts.map((part) => part.key)));
  return [...all].filter((key) => !kept.has(key));
}

/** Who forgets, and when. */
export interface ForgetWitness {
  readonly by: string;
  readonly now: () => Date;
}

/**
 * Writes the tables anew without the sample, then a record of what is about to go, then removes it: cache entries and
 * checkpoints, bytes, manifests. Killed anywhere, doing it again finds in the record what is left to do.
 */
export async function forget(
  store: ObjectStore,
  artifacts: ArtifactStore,
  inventory: Inventory,
  plan: ForgetPlan,
  { by, now }: ForgetWitness,
): Promise<ForgetRecord> {
  const rewritten: { from: ArtifactRef; to: ArtifactRef }[] = [];
  for (const { artifact } of plan.rewrite) {
    rewritten.push({ from: artifact.ref, to: await rewrite(artifacts, artifact, plan.id) });
  }
  const started = now();
  const record: ForgetRecord = {
    formatVersion: 1,
    idSha256: sha256(plan.id),
    by,
    startedAt: started.toISOString(),
    endedAt: null,
    rewritten,
    removed: plan.remove.map(({ ref }) => ref),
    stages: [...plan.stages],
    retrain: plan.retrain.map(({ ref }) => ref),
    runs: [...plan.runs],
  };
  const key = `${FORGOTTEN}${record.idSha256}/${String(started.getTime())}.json`;
  const write = (state: ForgetRecord) => store.put(key, Buffer.from(canonicalJson(state)));
  await write(record);
  const waves = [
    [
      ...plan.stages.flatMap((stageKey) => inventory.stages.get(stageKey)?.key ?? []),
      ...checkpointKeys(inventory, new Set(plan.stages)),
    ],
    plan.blobs,
    plan.remove.map(({ ref }) => ref.key),
  ];
  for (const wave of waves) await concurrently(wave, DELETES_AT_ONCE, (one) => store.delete(one));
  const done = { ...record, endedAt: now().toISOString() };
  await write(done);
  return done;
}

function rewrite(store: ArtifactStore, { ref, manifest }: ListedArtifact, id: string): Promise<ArtifactRef> {
  async function* without(): AsyncIterable<ColumnBatch> {
    for await (const batch of store.readTable(ref)) {
      const going = new Set(rowsOf(batch, id));
      if (going.size === 0) yield batch;
      else yield withoutRows(batch, going);
    }
  }
  return store.writeTable(ref.kind, manifest.columns, without());
}

function withoutRows({ rows, columns }: ColumnBatch, going: ReadonlySet<number>): ColumnBatch {
  const kept = Array.from({ length: rows }, (_, row) => row).filter((row) => !going.has(row));
  return {
    rows: kept.length,
    columns: Object.fromEntries(
      Object.entries(columns).map(([name, column]) => [name, pickRows(name, column, kept)]),
    ),
  };
}

/** Datasets and quarantines hold text and numbers only. */
function pickRows(name: string, column: Column, rows: readonly number[]): Column {
  if (Array.isArray(column)) return rows.map((row) => (column as readonly (string | null)[])[row]!);
  if (column instanceof Float64Array) return Float64Array.from(rows, (row) => column[row]!);
  throw new RangeError(`column ${name}: expected text or numbers`);
}

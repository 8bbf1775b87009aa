import { z } from 'zod';
import type { ArtifactRef, ColumnSpec } from '../contracts/artifact.js';
import { DataError } from '../contracts/errors.js';
import { CleanConfig, DatasetConfig } from '../contracts/settings.js';
import type { Figures } from '../contracts/stage.js';
import type { ArtifactStore } from '../contracts/store.js';
import type { ColumnBatch } from '../contracts/table.js';
import { cleanTable } from '../core/cleaning/cleanTable.js';
import { checkLeftOver, unknownTargets } from '../core/cleaning/leftOver.js';
import { WorkTable } from '../core/cleaning/workTable.js';
import { checkContract } from '../core/contract/checkContract.js';
import { quarantineBatch, QUARANTINE_COLUMNS, type QuarantinedRow } from '../core/quarantine.js';
import { cleanElsewhere } from './cleanElsewhere.js';
import { cleanLarge } from './cleanLarge.js';
import type { Stage } from './stage.js';

const cleanParams = z.strictObject({ dataset: DatasetConfig, clean: CleanConfig });
export type CleanParams = z.infer<typeof cleanParams>;

const BATCH_ROWS = 65_536;
/** How much larger a table is in memory than in Parquet, about. */
const UNPACKED = 4;

/**
 * Checks the data contract, then drops, clips and imputes. Outputs `dataset` (in order of id), `quarantine` (ingest's
 * rows and its own) and `contract` (JSON, as RunSummary.contract).
 */
export const clean: Stage<CleanParams> = {
  name: 'clean',
  paramsSchema: cleanParams,
  inputs: ['dataset', 'quarantine'],
  summary: () => 'check the data contract; drop, clip, impute',
  async run({ params: { dataset, clean: rules }, inputs }, context) {
    const { artifacts, progress, signal } = context;
    const { columns, sizeBytes } = await tableSize(artifacts, inputs['dataset']!);
    const { elsewhere } = context;
    if (elsewhere)
      return cleanElsewhere({ dataset, clean: rules }, inputs, columns, { ...context, elsewhere });
    if (sizeBytes > context.inMemoryBytes) {
      return cleanLarge({ dataset, clean: rules }, inputs, columns, context);
    }
    const table = await readTable(artifacts, columns, inputs['dataset']!);
    progress({ done: 1, total: 3, unit: 'steps' });
    const contract = checkContract(table, dataset.columns, dataset.contract, dataset.maxUnreadable);
    table.drop(contract.violations);
    const fitted = cleanTable(table, dataset.columns, rules);
    checkLeftOver(table, dataset.columns);
    signal.throwIfAborted();
    progress({ done: 2, total: 3, unit: 'steps' });
    const kept = await artifacts.writeTable('dataset', table.schema, table.batches(BATCH_ROWS));
    if (kept.rows + table.dropped.length !== table.rows) {
      throw new RangeError(
        `clean: ${table.rows} rows in, ${kept.rows} kept, ${table.dropped.length} dropped`,
      );
    }
    const document = new TextEncoder().encode(JSON.stringify(contract.results));
    return {
      outputs: {
        dataset: [kept],
        quarantine: [await writeQuarantine(artifacts, inputs['quarantine']!, table)],
        contract: [await artifacts.writeBlob('document', document, 'application/json')],
      },
      figures: { ...counts(table), ...fitted, ...unknownTargets(table) },
    };
  },
};

/** Columns, and about how many bytes the table takes unpacked. */
async function tableSize(
  artifacts: ArtifactStore,
  refs: readonly ArtifactRef[],
): Promise<{ readonly columns: readonly ColumnSpec[]; readonly sizeBytes: number }> {
  const manifests = await Promise.all(refs.map((ref) => artifacts.manifest(ref)));
  const [first] = manifests;
  if (!first) throw new DataError('clean: the input "dataset" holds no table; run ingest again');
  const packed = manifests.flatMap(({ parts }) => parts).reduce((sum, part) => sum + part.sizeBytes, 0);
  return { columns: first.columns, sizeBytes: UNPACKED * packed };
}

async function readTable(
  artifacts: ArtifactStore,
  columns: readonly ColumnSpec[],
  refs: readonly ArtifactRef[],
): Promise<WorkTable> {
  const batches: ColumnBatch[] = [];
  for (const ref of refs) for await (const batch of artifacts.readTable(ref)) batches.push(batch);
  return new WorkTable(columns, batches);
}

function writeQuarantine(
  artifacts: ArtifactStore,
  earlier: readonly ArtifactRef[],
  table: WorkTable,
): Promise<ArtifactRef> {
  const own = table.dropped.map(({ row, rule, reason }): QuarantinedRow => ({
    id: table.cell('id', row)!,
    ...{ file: null, line: NaN, stage: 'clean', rule, reason, record: table.rowJson(row) },
  }));
  async function* all(): AsyncGenerator<ColumnBatch> {
    for (const ref of earlier) yield* artifacts.readTable(ref);
    if (own.length > 0) yield quarantineBatch(own);
  }
  return artifacts.writeTable('quarantine', QUARANTINE_COLUMNS, all());
}

function counts(table: WorkTable): Figures {
  const dropped = table.dropped;
  const byRule: Record<string, number> = {};
  for (const { rule } of dropped) byRule[`dropped.${rule}`] = (byRule[`dropped.${rule}`] ?? 0) + 1;
  const kept = table.rows - dropped.length;
  return { read: table.rows, kept, quarantined: dropped.length, ...table.sizes(), ...byRule };
}

import type { ArtifactRef } from '../contracts/artifact.js';
import { StoreError } from '../contracts/errors.js';
import type { CsrMatrix } from '../contracts/matrix.js';
import type { ModelInput } from '../contracts/model.js';
import type { PreparedSamples } from '../contracts/prepared.js';
import type { Artifacts } from '../contracts/stage.js';
import type { ArtifactStore, StageContext } from '../contracts/store.js';
import { selectRows } from '../core/sparse.js';
import { gather, integers, texts } from '../core/table.js';

/** The one artifact of an input. @throws StoreError naming the input that the workflow should have given */
export function only(inputs: Artifacts, name: string): ArtifactRef {
  const [ref] = inputs[name] ?? [];
  if (!ref) throw new StoreError(`input "${name}" is missing; given: ${Object.keys(inputs).join(', ')}`);
  return ref;
}

/** Everything about the samples but their features. */
export type SampleTable = Omit<PreparedSamples, 'input'>;

/** Reads the samples' table once a process. */
export function loadSamples(inputs: Artifacts, { artifacts, memo }: StageContext): Promise<SampleTable> {
  const samples = only(inputs, 'samples');
  const classes = only(inputs, 'classes');
  return memo(`samples/${samples.sha256}/${classes.sha256}`, async () => {
    const table = await gather(artifacts.readTable(samples));
    const names = await gather(artifacts.readTable(classes));
    return {
      ids: texts(table, 'id') as readonly string[],
      split: Uint8Array.from(integers(table, 'split')),
      targets: integers(table, 'target'),
      groups: integers(table, 'group'),
      clusters: integers(table, 'cluster'),
      classes: texts(names, 'name') as readonly string[],
    };
  });
}

/** Reads samples and features once a process: folds, candidates and rounds share them. */
export async function loadPrepared(inputs: Artifacts, context: StageContext): Promise<PreparedSamples> {
  const samples = await loadSamples(inputs, context);
  const features = only(inputs, 'features');
  const matrix = await context.memo(`features/${features.sha256}`, () =>
    readMatrix(context.artifacts, features, samples.ids.length),
  );
  return { ...samples, input: { kind: 'sparse', matrix } };
}

/** Rebuilds the matrix from its coordinates, which are sorted by row. The width is stored as an entry past the last row. */
async function readMatrix(artifacts: ArtifactStore, ref: ArtifactRef, rows: number): Promise<CsrMatrix> {
  const entries = ref.rows - 1;
  const indptr = new Int32Array(rows + 1);
  const indices = new Int32Array(ref.rows);
  const values = new Float32Array(ref.rows);
  let at = 0;
  for await (const batch of artifacts.readTable(ref)) {
    indices.set(integers(batch, 'index'), at);
    values.set(batch.columns['value'] as Float32Array, at);
    const row = integers(batch, 'row');
    for (let i = 0; i < batch.rows; i++) if (row[i]! < rows) indptr[row[i]! + 1]! += 1;
    at += batch.rows;
  }
  for (let row = 0; row < rows; row++) indptr[row + 1]! += indptr[row]!;
  const cols = indices[entries]!;
  return { rows, cols, indptr, indices: indices.subarray(0, entries), values: values.subarray(0, entries) };
}

/** Rows of an input of any kind that models take. */
export function inputRows(input: ModelInput, rows: Int32Array): ModelInput {
  if (input.kind === 'sparse') return { kind: 'sparse', matrix: selectRows(input.matrix, rows) };
  throw new RangeError(`inputs of kind ${input.kind} are not prepared by the stage featurize yet`);
}

/** A document (JSON) as an artifact. */
export const writeDocument = (artifacts: ArtifactStore, value: unknown): Promise<ArtifactRef> =>
  artifacts.writeBlob('document', new TextEncoder().encode(JSON.stringify(value)), 'application/json');

export async function readDocument(artifacts: ArtifactStore, ref: ArtifactRef): Promise<unknown> {
  return JSON.parse(new TextDecoder().decode(await artifacts.readBlob(ref)));
}

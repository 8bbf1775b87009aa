import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkpointFiles } from '../../cli/exportModel.js';
import type { Tensor } from '../../contracts/matrix.js';
import type { Artifacts } from '../../contracts/stage.js';
import { newFeaturizer } from '../../core/features/featurizer.js';
import { FEATURIZER_COLUMNS, featurizerBatches } from '../../core/features/store.js';
import { importBert } from '../../models/bert/importBert.js';
import { parseVocabulary } from '../../models/bert/vocabulary.js';
import { decodeSafetensors } from '../../storage/safetensors.js';
import { memoryArtifacts } from '../fakes/artifacts.js';
import { checkpoint } from '../models/bert/fixture.js';

const head: Tensor[] = [
  { name: 'head.kernel', shape: [32, 2], data: new Float32Array(64).fill(0.5) },
  { name: 'head.bias', shape: [2], data: new Float32Array(2) },
];
const classifier = [
  ...importBert(checkpoint.config, checkpoint.tensors).filter(({ name }) => !name.startsWith('language')),
  ...head,
];

/** What a run with this model left. */
async function left(tensors: readonly Tensor[], tokenizer: string) {
  const artifacts = memoryArtifacts();
  const features = parseVocabulary(checkpoint.vocabulary, 57).map((term) => ({
    column: 'text',
    term,
    offset: 0,
    scale: 1,
  }));
  const block = { kind: 'sequence', columns: ['text'], settings: { tokenizer, lowerCase: 1 }, features };
  const names = { rows: 2, columns: { code: Int32Array.of(0, 1), name: ['no', 'yes'] } };
  const outputs: Artifacts = {
    model: [await artifacts.writeModel(tensors)],
    classes: [
      await artifacts.writeTable(
        'classes',
        [
          { name: 'code', type: 'int32' },
          { name: 'name', type: 'utf8' },
        ],
        [names],
      ),
    ],
    featurizer: [
      await artifacts.writeTable('featurizer', FEATURIZER_COLUMNS, featurizerBatches(newFeaturizer([block]))),
    ],
  };
  return { artifacts, outputs };
}

describe("a run's transformer as a checkpoint", () => {
  it('has its classes, its word pieces, and the tensors that BERT has', async () => {
    const { artifacts, outputs } = await left(classifier, 'wordpiece');
    const files = await checkpointFiles(artifacts, outputs);
    assert.equal(files.get('vocab.txt'), checkpoint.vocabulary);
    assert.match(String(files.get('tokenizer_config.json')), /"do_lower_case": true/);
    const config = JSON.parse(String(files.get('config.json'))) as Record<string, unknown>;
    assert.deepEqual(config['architectures'], ['BertForSequenceClassification']);
    assert.deepEqual(config['id2label'], { 0: 'no', 1: 'yes' });
    const { tensors } = decodeSafetensors(files.get('model.safetensors') as Uint8Array);
    const table = 'bert.embeddings.word_embeddings.weight';
    assert.deepEqual(
      tensors.find(({ name }) => name === table),
      checkpoint.tensors.find(({ name }) => name === table),
    );
  });

  it('has no vocab.txt where it was fed whole words', async () => {
    const { artifacts, outputs } = await left(classifier, 'words');
    const files = await checkpointFiles(artifacts, outputs);
    assert.deepEqual([...files.keys()], ['config.json', 'model.safetensors']);
  });

  it('is refused for another model and for a run that left none', async () => {
    const { artifacts, outputs } = await left(head, 'words');
    const refused = { name: 'ConfigError', message: /expected a run with model\.name transformer/ };
    await assert.rejects(checkpointFiles(artifacts, outputs), refused);
    await assert.rejects(checkpointFiles(artifacts, {}), { name: 'ConfigError', message: /left no model/ });
  });
});

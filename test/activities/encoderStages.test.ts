import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { importModel } from '../../activities/importModel.js';
import { maskedBatches } from '../../activities/maskedBatches.js';
import { pretrainTexts } from '../../activities/pretrainTexts.js';
import { ConfigError, DataError } from '../../contracts/errors.js';
import type { Tensor } from '../../contracts/matrix.js';
import { seeded } from '../../core/random.js';
import { exportBert } from '../../models/bert/exportBert.js';
import { formatVocabulary } from '../../models/bert/vocabulary.js';
import { pretrainerOf } from '../../models/pretraining.js';
import { tableRows } from '../fakes/artifacts.js';
import { fakeStageContext } from '../fakes/stageContext.js';

const job = { path: 'x', seed: 1, inputs: {} };

describe('texts to pretrain on', () => {
  const files = {
    'a.txt': 'first text\n\n  \nsecond text\n',
    'b.txt.gz': gzipSync('packed text\n'),
    'c.csv': 'id,title\n1,red shoe\n2,\n3,"blue, shoe"\n',
    'empty.txt': '\n\n',
  };

  it('are lines of text files and cells of tables, in order; empty ones are counted, not kept', async () => {
    const context = fakeStageContext(files);
    const params = { source: ['a.txt', 'b.txt.gz', 'c.csv'], column: 'title' };
    const { outputs, figures } = await pretrainTexts.run({ ...job, params }, context);
    const rows = await tableRows(context.artifacts, outputs['texts']![0]!);
    assert.deepEqual(
      rows.map(({ text }) => text),
      ['first text', 'second text', 'packed text', 'red shoe', 'blue, shoe'],
    );
    assert.deepEqual(figures, { files: 3, texts: 5, leftOut: 3 });
  });

  const refused = [
    { source: 'c.csv', column: 'name', want: /column "name" \(pretrain\.column\), found id, title/ },
    { source: 'empty.txt', column: 'text', want: /no text/ },
  ];
  for (const { source, column, want } of refused) {
    it(`are refused where there are none: ${source}, column ${column}`, async () => {
      const running = pretrainTexts.run(
        { ...job, params: { source: [source], column } },
        fakeStageContext(files),
      );
      await assert.rejects(running, (error) => error instanceof DataError && want.test(error.message));
    });
  }
});

describe('an encoder of others', () => {
  const tokens = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]', 'red', 'shoe'];
  const batch = { rows: 1, length: 4, vocabulary: tokens.length, tokens: Int32Array.of(2, 5, 6, 3) };
  const sequence = { kind: 'sequence', batch } as const;
  const size = { layers: 1, width: 8, heads: 2, feedForward: 8, positions: 16 };
  const made = pretrainerOf('transformer')!.prepare(size, sequence, seeded(4));
  const ours: Tensor[] = [...made.parameters, made.settings];

  it('comes in as tensors to start from, with its vocabulary', async () => {
    const { config, tensors } = exportBert(ours);
    const context = fakeStageContext({
      'bert/config.json': JSON.stringify(config),
      'bert/vocab.txt': formatVocabulary(tokens),
      'bert/model.safetensors': 'read by the store',
    });
    const sources = { ...context.sources, readSafetensors: () => Promise.resolve(tensors) };
    const params = { from: 'bert/' };
    const { outputs, figures } = await importModel.run({ ...job, params }, { ...context, sources });
    assert.equal(figures['tokens'], tokens.length);
    const vocabulary = await tableRows(context.artifacts, outputs['vocabulary']![0]!);
    assert.deepEqual(
      vocabulary.map(({ token }) => token),
      tokens,
    );
    const back = await context.artifacts.readModel(outputs['pretrained']![0]!);
    const continued = pretrainerOf('transformer')!.prepare(size, sequence, seeded(5), back);
    assert.deepEqual(continued.parameters, made.parameters);
  });

  it('is refused by the name of the file that is missing', async () => {
    const context = fakeStageContext({ 'bert/config.json': '{}', 'bert/vocab.txt': '' });
    const running = importModel.run({ ...job, params: { from: 'bert' } }, context);
    await assert.rejects(running, (error) => {
      assert.ok(error instanceof ConfigError);
      assert.match(
        error.message,
        /config\.json, vocab\.txt and model\.safetensors; bert\/model\.safetensors/,
      );
      return true;
    });
  });

  it('is asked for hidden tokens in batches whose weights make the mean over rows the mean over tokens', () => {
    const masking = { share: 0.5, mask: 4, fixed: new Set([0, 2, 3]), ordinary: Int32Array.of(5, 6) };
    const batches = maskedBatches(made.reader, Int32Array.of(0), masking);
    const read = batches.read(Int32Array.of(0, 0), seeded(1).next);
    assert.deepEqual(read['positions']!.shape, [2, 2]);
    assert.deepEqual([...read['positionWeights']!.data], [1, 0, 1, 0]);
    const fixedOnce = maskedBatches(made.reader, Int32Array.of(0), masking, 7);
    const never = (): number => assert.fail('draws of the engine are not for what is judged');
    assert.deepEqual(fixedOnce.read(Int32Array.of(0), never), fixedOnce.read(Int32Array.of(0), never));
  });
});

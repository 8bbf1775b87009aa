import assert from 'node:assert/strict';
import { it } from 'node:test';
import { openPieces } from '../../storage/pieces.js';
import { openFinishedStages } from '../../storage/stageCache.js';
import { memoryArtifacts } from '../fakes/artifacts.js';
import { memoryObjects } from '../fakes/objects.js';

it('a piece of work is found by what decided it, for the same code, while its outputs are whole', async () => {
  const artifacts = memoryArtifacts();
  const finished = openFinishedStages(memoryObjects(), artifacts);
  const pieces = openPieces(finished, { stage: 'ingest', codeVersion: '1' });
  const ref = await artifacts.writeBlob('document', Buffer.from('x'), 'text/plain');
  const output = { outputs: { made: [ref] }, figures: { rows: 3 } };
  assert.equal(await pieces.find({ file: 'a' }), undefined);
  await pieces.keep({ file: 'a', hash: '1' }, output);
  assert.deepEqual(await pieces.find({ hash: '1', file: 'a' }), output);
  assert.equal(await pieces.find({ file: 'a', hash: '2' }), undefined);
  for (const owner of [
    { stage: 'ingest', codeVersion: '2' },
    { stage: 'clean', codeVersion: '1' },
  ])
    assert.equal(await openPieces(finished, owner).find({ file: 'a', hash: '1' }), undefined);

  const lost = { ...ref, key: 'artifacts/document/lost.json' };
  await pieces.keep({ file: 'b' }, { outputs: { made: [lost] }, figures: {} });
  assert.equal(await pieces.find({ file: 'b' }), undefined);
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { changesOf } from '../../cli/retryReasons.js';
import type { ArtifactRef } from '../../contracts/artifact.js';
import type { CacheEntry } from '../../contracts/stage.js';

const table = (sha256: string): ArtifactRef => ({
  ...{ kind: 'features', sha256, key: `artifacts/features/${sha256}.json`, rows: 3, sizeBytes: 9 },
});
const OLD = '0123456789abcdef'.repeat(4);
const NEW = 'fedcba9876543210'.repeat(4);
const NEXT = 'the next run';

const entry: CacheEntry = {
  ...{ formatVersion: 1, stage: 'fit', stageKey: 'k1', codeVersion: 'c1', seed: 7 },
  ...{ params: { model: { C: 4, name: 'linear' }, flips: 99 }, inputs: { features: [table(OLD)] } },
  ...{ outputs: {}, figures: {} },
};
const shard = { seed: 7, inputs: entry.inputs };
const now = { stageKey: 'k2', codeVersion: 'c1' };

describe('why a shard runs again', () => {
  type Case = [string, Parameters<typeof changesOf>, string[]];
  const cases: Case[] = [
    ['nothing has changed', [shard, entry.params, entry, { ...now, stageKey: 'k1' }, NEXT], []],
    [
      'what it was made of is lost',
      [shard, entry.params, undefined, now, NEXT],
      ['what it was made of is no longer in the store'],
    ],
    [
      'parameters differ, at any depth, also those that were not there',
      [shard, { model: { C: 8, name: 'linear' }, flips: 99, metric: 'f1' }, entry, now, NEXT],
      ['parameter changed: model.C 4 → 8; metric nothing → "f1"'],
    ],
    [
      'more parameters differ than a line holds',
      [shard, { a: 1, b: 2, c: 3, d: 4 }, { ...entry, params: {} }, now, NEXT],
      ['parameter changed: a nothing → 1; b nothing → 2; c nothing → 3 and 1 more'],
    ],
    [
      'the seed is another',
      [{ ...shard, seed: 8 }, entry.params, entry, now, NEXT],
      ['parameter changed: seed 7 → 8'],
    ],
    [
      'an input is another: both hashes',
      [{ ...shard, inputs: { features: [table(NEW)] } }, entry.params, entry, now, NEXT],
      ['input changed: features 01234567 → fedcba98'],
    ],
    [
      'an input is there that was not: its hash',
      [{ ...shard, inputs: { ...shard.inputs, votes: [table(NEW)] } }, entry.params, entry, now, NEXT],
      ['input changed: votes nothing → fedcba98'],
    ],
    [
      'one of several parts of an input is another',
      [
        { ...shard, inputs: { features: [table(OLD), table(NEW)] } },
        entry.params,
        { ...entry, inputs: { features: [table(OLD), table('a'.repeat(64))] } },
        now,
        NEXT,
      ],
      ['input changed: features aaaaaaaa → fedcba98'],
    ],
    [
      'its code is newer',
      [shard, entry.params, entry, { ...now, codeVersion: 'c2' }, NEXT],
      ['its code changed'],
    ],
    [
      'nothing of all that, but the key: the engine',
      [shard, entry.params, entry, now, NEXT],
      ['another engine, or another version or number of threads of it'],
    ],
    [
      'an input is not made yet: that is told elsewhere, and no engine is suspected',
      [{ ...shard, inputs: { features: [table('pending:featurize:0')] } }, entry.params, entry, now, NEXT],
      [],
    ],
    [
      'it tells of its own run',
      [shard, { runId: NEXT, flips: 1 }, entry, now, NEXT],
      ['it tells of the run itself'],
    ],
    [
      'several things at once',
      [
        { seed: 8, inputs: { features: [table(NEW)] } },
        entry.params,
        entry,
        { stageKey: 'k2', codeVersion: 'c2' },
        NEXT,
      ],
      ['parameter changed: seed 7 → 8', 'input changed: features 01234567 → fedcba98', 'its code changed'],
    ],
  ];
  for (const [name, given, want] of cases) it(name, () => assert.deepEqual(changesOf(...given), want));
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { planPrune, type Retention, type StoreContents } from '../../../core/lineage/retention.js';

const DAY = 24 * 3600_000;
const NOW = 1000 * DAY;
const monthly: Retention = { nowMs: NOW, olderThanMs: 30 * DAY, graceMs: DAY };

const kept = (days: number) => ({ modifiedAtMs: NOW - days * DAY, sizeBytes: 1 });
const stage = (key: string, inputs: string[], outputs: string[], days: number) =>
  [key, { stageKey: key, stage: 's', inputs, outputs, ...kept(days) }] as const;

/** Two runs over one dataset: one ended 50 days ago, one 10. */
const twoRuns = (): StoreContents => ({
  artifacts: new Map(
    ['data', 'old', 'new', 'loose'].map((key) => [key, { blobs: [`${key}.bytes`], ...kept(60) }]),
  ),
  blobs: new Map(['data', 'old', 'new', 'loose', 'stray'].map((key) => [`${key}.bytes`, kept(60)])),
  derivations: new Map([
    stage('ingest', [], ['data'], 10),
    stage('fit-old', ['data'], ['old'], 50),
    stage('fit-new', ['data'], ['new'], 10),
  ]),
  checkpoints: new Map([
    ['fit-old', kept(50)],
    ['under-way', kept(5)],
  ]),
  runs: [
    { runId: 'old', endedAtMs: NOW - 50 * DAY, stages: ['ingest', 'fit-old'] },
    { runId: 'new', endedAtMs: NOW - 10 * DAY, stages: ['ingest', 'fit-new'] },
  ],
  pinned: new Set(),
});

describe('what may go from the store', () => {
  it('is what only old runs made, and what nothing made', () => {
    const plan = planPrune(twoRuns(), monthly);
    assert.deepEqual(plan, {
      keptRuns: ['new'],
      droppedRuns: ['old'],
      stages: ['fit-old'],
      artifacts: ['old', 'loose'],
      blobs: ['old.bytes', 'loose.bytes', 'stray.bytes'],
      checkpoints: ['fit-old'],
      freedBytes: 7,
    });
  });

  it('is not what something else refers to', () => {
    const plan = planPrune({ ...twoRuns(), pinned: new Set(['old', 'loose']) }, monthly);
    assert.deepEqual([plan.artifacts, plan.blobs], [[], ['stray.bytes']]);
  });

  it('goes by the number of runs where one is given, however old they are', () => {
    assert.deepEqual(planPrune(twoRuns(), { ...monthly, keepRuns: 2 }).stages, []);
    const plan = planPrune(twoRuns(), { ...monthly, keepRuns: 0 });
    assert.deepEqual(plan.stages.toSorted(), ['fit-new', 'fit-old', 'ingest']);
    assert.ok(plan.blobs.includes('data.bytes'));
  });

  it('leaves a stage that was used since its dropped run ended: a run that goes on may build on it', () => {
    const contents = twoRuns();
    const derivations = new Map([...contents.derivations, stage('ingest', [], ['data'], 9)]);
    const plan = planPrune({ ...contents, derivations }, { ...monthly, keepRuns: 0 });
    assert.ok(!plan.stages.includes('ingest') && !plan.artifacts.includes('data'));
  });

  it('is never what is reachable, younger than the grace, or pinned, in stores of every shape', () => {
    const names = (prefix: string) => fc.nat(7).map((i) => `${prefix}${i}`);
    const age = fc.nat(80).map(kept);
    const mapOf = <T>(prefix: string, value: fc.Arbitrary<T>) =>
      fc.array(fc.tuple(names(prefix), value), { maxLength: 8 }).map((all) => new Map(all));
    const contentsOf: fc.Arbitrary<StoreContents> = fc.record({
      artifacts: mapOf(
        'a',
        fc.tuple(age, fc.array(names('b'), { maxLength: 3 })).map(([one, blobs]) => ({ ...one, blobs })),
      ),
      blobs: mapOf('b', age),
      derivations: fc
        .array(fc.tuple(names('s'), fc.array(names('a')), fc.array(names('a')), fc.nat(80)))
        .map((all) => new Map(all.map(([key, inputs, outputs, days]) => stage(key, inputs, outputs, days)))),
      checkpoints: mapOf('s', age),
      runs: fc.array(
        fc.record({
          runId: names('r'),
          endedAtMs: fc.nat(80).map((days) => NOW - days * DAY),
          stages: fc.array(names('s')),
        }),
        { maxLength: 4 },
      ),
      pinned: fc.uniqueArray(names('a'), { maxLength: 2 }).map((all) => new Set(all)),
    });
    const retentionOf = fc.option(fc.nat(3), { nil: undefined });
    fc.assert(
      fc.property(contentsOf, retentionOf, (contents, keepRuns) => {
        const plan = planPrune(contents, { ...monthly, ...(keepRuns === undefined ? {} : { keepRuns }) });
        const [gone, goneBlobs] = [new Set(plan.artifacts), new Set(plan.blobs)];
        for (const [key, { inputs, outputs, modifiedAtMs }] of contents.derivations) {
          if (plan.stages.includes(key)) assert.ok(NOW - modifiedAtMs >= DAY);
          else for (const artifact of [...inputs, ...outputs]) assert.ok(!gone.has(artifact));
        }
        for (const { runId, stages } of contents.runs) {
          if (plan.droppedRuns.includes(runId)) continue;
          for (const key of stages) assert.ok(!plan.stages.includes(key));
        }
        for (const artifact of contents.pinned) assert.ok(!gone.has(artifact));
        for (const [key, { blobs, modifiedAtMs }] of contents.artifacts) {
          if (gone.has(key)) assert.ok(NOW - modifiedAtMs >= DAY);
          else for (const blob of blobs) assert.ok(!goneBlobs.has(blob));
        }
        for (const key of goneBlobs) assert.ok(NOW - contents.blobs.get(key)!.modifiedAtMs >= DAY);
      }),
      { numRuns: 1000 },
    );
  });
});

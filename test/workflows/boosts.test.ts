import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { readDocument } from '../../activities/prepared.js';
import type { RunConfig, RunConfigInput } from '../../config/runConfig.js';
import type { RunOutcome } from '../../contracts/run.js';
import type { StageResult } from '../../contracts/stage.js';
import type { StageContext } from '../../contracts/store.js';
import { RunSummary } from '../../contracts/summary.js';
import { seeded } from '../../core/random.js';
import { trainingJob } from '../../workflows/job.js';
import { newRunState } from '../../workflows/progress.js';
import type { Shard } from '../../workflows/shards.js';
import type { StageRunner } from '../../workflows/stages.js';
import { tableRows } from '../fakes/artifacts.js';
import { fakeStageContext } from '../fakes/stageContext.js';
import { inProcessRunner } from '../fakes/stageRunner.js';
import { toyConfig } from '../fakes/toyRun.js';

interface Shape {
  readonly rows: number;
  readonly wordsOfNew: number;
  /** Shares of wrong labels in training and validation. */
  readonly noise: { readonly old: number; readonly new: number };
}

/**
 * Two shops. In the old one nine of ten rows are topic 0, and words tell the topic plainly. The new one, a fifth of the
 * rows, never has topic 0 and words of its own, each of which is seen a few times only.
 */
function shopsCsv({ rows, wordsOfNew, noise }: Shape): string {
  const random = seeded(1, 'boost');
  const lines = ['id,text,label,shop,split'];
  for (let i = 0; i < rows; i++) {
    const shop = random.next() < 0.2 ? 'new' : 'old';
    const topic = shop === 'old' && random.next() < 0.9 ? 0 : 1 + random.below(2);
    const words =
      shop === 'new'
        ? [`new${topic}word${random.below(wordsOfNew)}`]
        : Array.from({ length: 3 }, () => `topic${topic}word${random.below(40)}`);
    const said = [...words, ...Array.from({ length: 4 }, () => `w${random.below(60)}`)];
    const split = i % 10 < 7 ? 'train' : i % 10 < 9 ? 'validation' : 'test';
    const isWrong = split !== 'test' && random.next() < noise[shop];
    const label = isWrong ? (topic + 1 + random.below(2)) % 3 : topic;
    lines.push(`r${String(i).padStart(5, '0')},${said.join(' ')},topic${label},${shop},${split}`);
  }
  return `${lines.join('\n')}\n`;
}

const configOf = (loop: RunConfigInput['loop'] = {}): RunConfig =>
  toyConfig('toy.csv', {
    loop: {
      ...{ policies: ['clip'], strengths: [1], outerFolds: 3, flips: 199, maxRounds: 3, metric: 'accuracy' },
      sliceBoosts: { minSupport: 100 },
      ...loop,
    },
    crossValidate: { folds: 2 },
    analyse: { bootstraps: 100, slices: { columns: ['shop'] } },
  });

const noCheckpoints = { load: () => Promise.resolve(undefined), save: () => Promise.resolve() };

interface Played {
  readonly outcome: RunOutcome;
  readonly summary: RunSummary;
  readonly asked: readonly Shard[];
  readonly results: ReadonlyMap<string, StageResult>;
}

/** @param known results by path that are not asked for again, as a run has them that continued as new */
async function play(
  config: RunConfig,
  context: StageContext,
  pause = (): Promise<void> => Promise.resolve(),
  known: Readonly<Record<string, StageResult>> = {},
  results = new Map<string, StageResult>(Object.entries(known)),
): Promise<Played> {
  const state = newRunState(config);
  const { runner, asked } = inProcessRunner(() => context, state.done);
  const remembering: StageRunner = {
    ...runner,
    run: async (path, shardsOf) => {
      const found: StageResult[] = [];
      for (const shard of shardsOf()) {
        const result = known[shard.path] ?? (await runner.run(path, () => [shard]))![0]!;
        results.set(shard.path, result);
        found.push(result);
      }
      return found;
    },
  };
  const host = { runId: 'train/toy/1', runner: remembering, nowMs: () => 0, pause };
  const outcome = await trainingJob(state, { strengths: [1] }, host);
  const summary = RunSummary.parse(await readDocument(context.artifacts, outcome.outputs['summary']![0]!));
  return { outcome, summary, asked, results };
}

const contextOf = (shape: Shape): StageContext => ({
  ...fakeStageContext({ 'toy.csv': shopsCsv(shape) }),
  checkpoints: noCheckpoints,
});
const paramsOf = ({ params }: Shard) => params as { factors: unknown; propose: unknown; refused: unknown };

describe('a hard slice with right labels, made lighter by weights against noise elsewhere', () => {
  const shape = { rows: 3000, wordsOfNew: 150, noise: { old: 0.2, new: 0 } };
  const config = configOf();
  let context: StageContext;
  let played: Played;
  before(async () => {
    context = contextOf(shape);
    played = await play(config, context);
  });

  it('is boosted after denoising was accepted, and the run says why', () => {
    const { rounds, boosts, weights } = played.summary;
    assert.deepEqual(
      rounds.slice(0, 3).map(({ accepted }) => accepted),
      ['uniform', 'clip', null],
    );
    const [first] = boosts;
    assert.equal(first!.proposal!.slice, 'shop = new');
    assert.ok(first!.accepted, first!.reason);
    assert.ok(first!.proposal!.noiseRate < 0.3 && first!.test!.wins > first!.test!.losses);
    assert.ok(first!.proposal!.trustedError > first!.overall.trustedError);
    assert.equal(weights.policy, 'clip+boost');
  });

  it('weighs a quarter more than its denoising weights say, beside the rest', async () => {
    const [ref] = played.results.get('loop.2.boost.propose.full')!.outputs['weights']!;
    const samples = await tableRows(context.artifacts, played.outcome.outputs['samples']![0]!);
    const shopOf = new Map(
      shopsCsv(shape)
        .split('\n')
        .map((line) => [line.slice(0, 6), line.split(',')[3]]),
    );
    const ratios = { new: new Set<string>(), old: new Set<string>() };
    for (const row of await tableRows(context.artifacts, ref!)) {
      const { clip, 'clip+boost': boosted } = row as { clip: number; 'clip+boost': number };
      const shop = shopOf.get(String(samples[Number(row['row'])]!['id'])) as 'new' | 'old';
      if (clip > 0) ratios[shop].add((boosted / clip).toFixed(9));
    }
    assert.deepEqual([ratios.new.size, ratios.old.size], [1, 1]);
    const [[inside], [outside]] = [[...ratios.new], [...ratios.old]];
    assert.ok(Math.abs(Number(inside) / Number(outside) - 1.25) < 1e-6);
  });

  it('is found again by each fold of cross-validation by itself', () => {
    const proposed = [0, 1].map(
      (fold) => played.results.get(`crossValidate.2.propose.${fold}`)!.figures['slice'],
    );
    assert.deepEqual(proposed, ['shop = new', 'shop = new']);
  });

  it('is carried over to fresh scores, and may be raised again from where it is', () => {
    const further = played.asked.filter(({ path, stage }) => stage === 'boost' && path.startsWith('loop.3'));
    assert.ok(further.length > 0);
    for (const shard of further) {
      assert.deepEqual(paramsOf(shard).factors, [{ slice: 'shop = new', factor: 1.25 }], shard.path);
    }
  });

  it('keeps its b when the run continues as new in between', async () => {
    const results = new Map<string, StageResult>();
    let pauses = 0;
    const interrupt = () =>
      ++pauses === 3 ? Promise.reject(new Error('continue as new')) : Promise.resolve();
    await assert.rejects(play(config, context, interrupt, {}, results), /continue as new/);
    assert.ok(results.has('loop.2.boost.judge') && !results.has('loop.3.importance.evidence.full.0'));
    const carried = JSON.parse(JSON.stringify(Object.fromEntries(results))) as Record<string, StageResult>;
    const resumed = await play(config, context, undefined, carried);
    assert.deepEqual(resumed.outcome.figures, played.outcome.figures);
    assert.deepEqual(resumed.outcome.outputs['model'], played.outcome.outputs['model']);
    assert.ok(resumed.asked.every(({ path }) => !path.startsWith('loop.2')));
  });

  it('stays as it is where boosts are switched off', async () => {
    const { summary, asked } = await play(configOf({ sliceBoosts: { enabled: false } }), context);
    assert.equal(summary.weights.policy, 'clip');
    assert.deepEqual(summary.boosts, []);
    assert.ok(asked.every(({ stage }) => stage !== 'boost' && stage !== 'judgeBoost'));
  });
});

describe('a slice in which half of the labels are wrong', () => {
  let played: Played;
  before(async () => {
    const shape = { rows: 2000, wordsOfNew: 20, noise: { old: 0, new: 0.5 } };
    played = await play(configOf({ maxRounds: 2 }), contextOf(shape));
  });

  it('goes to relabelling; nothing is fitted for it', () => {
    const { boosts } = played.summary;
    assert.deepEqual(
      boosts.map(({ proposal, accepted }) => [proposal, accepted]),
      [[null, false]],
    );
    assert.deepEqual(
      boosts[0]!.relabel.map(({ slice }) => slice),
      ['shop = new'],
    );
    assert.ok(played.asked.every(({ path }) => !path.startsWith('loop.2.boost.fit')));
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { z } from 'zod';
import { adapt } from '../../activities/adapt.js';
import { featurize } from '../../activities/featurize.js';
import { readFeatures } from '../../activities/featureTable.js';
import { ingest } from '../../activities/ingest.js';
import { inputRows, readDocument, writeDocument } from '../../activities/prepared.js';
import { AdaptRule, Adaptation } from '../../contracts/adapt.js';
import { CHAMPION, type ModelVersion } from '../../contracts/registry.js';
import { GateDecision } from '../../contracts/summary.js';
import { FeaturesConfig } from '../../contracts/featureSettings.js';
import { CleanConfig, Columns, DatasetConfig } from '../../contracts/settings.js';
import type { StageContext } from '../../contracts/store.js';
import { seeded } from '../../core/random.js';
import { gather, integers } from '../../core/table.js';
import { ensembleFrom } from '../../core/trees/ensemble.js';
import { modelByName } from '../../models/index.js';
import { modelDraft } from '../fakes/modelDraft.js';
import { csv, runClean } from './tableStages.js';

const dataset = {
  source: 'old.csv',
  columns: { target: 'label', text: ['name'], id: 'id', split: 'side' },
  split: { by: 'column' as const },
};
const SIDES = ['train', 'train', 'train', 'validation', 'test'];

/** Rows of two words each; `meaning` says which label the first word stands for. */
function rows(prefix: string, n: number, meaning: Readonly<Record<string, string>>, seed: number): string {
  const random = seeded(seed);
  const words = Object.keys(meaning);
  const made = Array.from({ length: n }, (_, i) => {
    const word = words[random.below(words.length)]!;
    return `${prefix}${String(i).padStart(4, '0')},${word} w${random.below(30)},${meaning[word]!},${SIDES[i % 5]!}`;
  });
  return csv('id,name,label,side', ...made);
}
const OLD = { rug: 'home', lamp: 'home', shoe: 'wear', hat: 'wear' };
const NEW = { rug: 'wear', lamp: 'home', shoe: 'home', hat: 'wear' }; // two words changed sides

/** A registered champion of the old rows, made by the real stages. @param gate of the run that it came from */
async function championOf(
  files: Readonly<Record<string, string>>,
  {
    model = { name: 'linear', C: 4 },
    gate = {},
    clean = {},
  }: { model?: ModelVersion['model']; gate?: object; clean?: z.input<typeof CleanConfig> } = {},
) {
  const { output, context } = await runClean(files, dataset, clean);
  const params = {
    ...{ task: 'classification', columns: Columns.parse(dataset.columns), input: 'sparse' as const },
    ...{ features: FeaturesConfig.parse({}), tokenizer: 'words' as const },
    nearDuplicates: { ...CleanConfig.parse({}).nearDuplicates, enabled: false },
  };
  const job = { path: 'featurize', seed: 1, params, inputs: output.outputs };
  const { outputs } = await featurize.run(job, context);
  const samples = await gather(context.artifacts.readTable(outputs['samples']![0]!));
  const input = await readFeatures(context.artifacts, outputs['features']![0]!, samples.rows);
  const training = Int32Array.from(integers(samples, 'split').keys()).filter(
    (row) => integers(samples, 'split')[row] === 0,
  );
  const { name, ...asked } = model;
  const kind = modelByName(name);
  const fitted = await kind.fit(
    {
      input: inputRows(input, training),
      targets: training.map((row) => integers(samples, 'target')[row]!),
      outputs: 2,
      sampleWeights: new Float64Array(training.length).fill(1),
    },
    kind.paramsSchema.parse(asked),
    { seed: 1 },
  );
  const draft = modelDraft();
  const [featurizer, classes, samplesRef] = [outputs['featurizer'], outputs['classes'], outputs['samples']];
  const version = await context.registry.register({
    ...draft,
    ...{ columns: Columns.parse(dataset.columns), policy: 'uniform', model },
    config: JSON.parse(JSON.stringify({ name: 'toy', gate })) as ModelVersion['config'],
    artifacts: {
      ...draft.artifacts,
      ...{ featurizer: featurizer![0]!, classes: classes![0]!, samples: samplesRef![0]! },
      weights: await context.artifacts.writeModel(fitted.tensors()),
      dataset: output.outputs['dataset']![0]!,
    },
  });
  const move = { name: version.name, alias: CHAMPION, version: version.version, action: 'promote' as const };
  await context.registry.move({ ...move, by: 'test', why: 'first' });
  return { version, context };
}

async function adaptedTo(
  source: string,
  version: ModelVersion,
  context: StageContext,
  rule = {},
  onlyNew = false,
) {
  const params = { dataset: DatasetConfig.parse({ ...dataset, source }) };
  const { outputs } = await ingest.run({ path: 'ingest', seed: 1, params, inputs: {} }, context);
  const inputs = {
    version: [await writeDocument(context.artifacts, version)],
    dataset: outputs['dataset']!,
  };
  const job = {
    path: 'adapt',
    seed: 1,
    params: { rule: AdaptRule.parse(rule), by: 'maria', move: 1, onlyNew },
    inputs,
  };
  const done = await adapt.run(job, context);
  const [ref] = done.outputs['adaptation'] ?? [];
  if (!ref) throw new Error(String(done.figures['reason']));
  const document = await readDocument(context.artifacts, ref);
  return { found: Adaptation.parse(document), figures: done.figures, again: () => adapt.run(job, context) };
}

const files = {
  'old.csv': rows('a', 400, OLD, 1),
  'same.csv': rows('b', 300, OLD, 2),
  'new.csv': rows('c', 400, NEW, 3),
  'few.csv': rows('d', 30, NEW, 4),
};

const withoutHeader = (text: string): string => text.slice(text.indexOf('\n') + 1);

it('leaves the champion where the new rows are like the old ones, without training anything', async () => {
  const { version, context } = await championOf(files);
  const { found } = await adaptedTo('same.csv', version, context);
  assert.equal(found.action, 'kept');
  assert.equal(found.expectedGain, null);
  assert.match(found.reasons[0]!, /accuracy 1\.000 on 240 new rows/);
  assert.equal((await context.registry.versions('toy')).length, 1);
});

describe('where words changed their meaning', () => {
  it('it goes on from the champion and takes its place, with its reasons in the history', async () => {
    const { version, context } = await championOf(files);
    const { found, figures, again } = await adaptedTo('new.csv', version, context);
    assert.deepEqual([found.action, found.registered], ['promoted', 'toy@2']);
    assert.ok(found.expectedGain!.low > 0.2 && found.gain!.low > 0.2, JSON.stringify(figures));
    assert.ok(found.accuracy.before > 0.85 && found.accuracy.now < 0.7);
    assert.ok(found.rows.replayed > 0 && found.rows.replayed < found.rows.fresh, 'only what still holds');
    assert.equal(found.shifts.find(({ name }) => name === 'importance')?.level, 'large');
    const held = await context.registry.holder('toy', CHAMPION);
    assert.deepEqual([held?.version, held?.by], [2, 'maria']);
    assert.match(held!.why, /accuracy fell .*; expected gain .*: worth it; gain .*: better; Promoted: /);
    const made = (await context.registry.version('toy', 2))!;
    assert.equal(made.artifacts.dataset.rows, version.artifacts.dataset.rows + 400);
    assert.equal(made.policy, 'adapted');
    assert.deepEqual((await again()).figures, figures);
    assert.equal((await context.registry.versions('toy')).length, 2, 'asked again, it finds what it did');
  });

  it('the next batch of the same goes to the new champion, which stays', async () => {
    const more = { ...files, 'next.csv': rows('e', 300, NEW, 5) };
    const { version, context } = await championOf(more);
    await adaptedTo('new.csv', version, context);
    const second = (await context.registry.version('toy', 2))!;
    const { found } = await adaptedTo('next.csv', second, context);
    assert.equal(found.action, 'kept');
    assert.ok(found.accuracy.now > 0.95, String(found.accuracy.now));
  });

  it('a slice that is answered worse is enough to look into it', async () => {
    const one = { ...files, 'rugs.csv': rows('f', 400, { ...OLD, rug: 'wear' }, 6) };
    const { version, context } = await championOf(one);
    // A quarter of all rows are wrong now, a third of those of one class: only the latter is above the limit.
    const { found } = await adaptedTo('rugs.csv', version, context, { minDrop: 0.3, minShift: 99 });
    assert.match(
      found.reasons[0]!,
      /^accuracy of target = wear fell from 1\.000 to 0\.6\d\d on \d+ new rows$/,
    );
    assert.equal(found.slices[0]!.slice, 'target = wear');
    assert.equal(found.action, 'promoted');
  });

  it('a gain that is asked to be larger than it is keeps the champion', async () => {
    const { version, context } = await championOf(files);
    const { found } = await adaptedTo('new.csv', version, context, { minGain: 0.9 });
    assert.equal(found.action, 'kept');
    assert.match(found.reasons[1]!, /expected gain .*: below 0\.900/);
  });
});

const BOOSTED = { name: 'trees', trees: 20, minSamplesLeaf: 5, learningRate: 0.3 };

describe('boosted trees', () => {
  it('keep the trees of the champion and grow more above them, to the same bytes each time', async () => {
    const treesOf = async () => {
      const { version, context } = await championOf(files, { model: BOOSTED });
      const { found } = await adaptedTo('new.csv', version, context);
      assert.deepEqual([found.action, found.registered], ['promoted', 'toy@2'], found.reasons.join('; '));
      const made = (await context.registry.version('toy', 2))!;
      const read = async ({ artifacts: { weights } }: ModelVersion) =>
        ensembleFrom(await context.artifacts.readModel(weights));
      return { before: await read(version), after: await read(made), sha256: made.artifacts.weights.sha256 };
    };
    const { before, after, sha256 } = await treesOf();
    assert.equal(before.trees.length, 20);
    assert.equal(after.trees.length, 40);
    assert.deepEqual(after.trees.slice(0, 20), before.trees);
    assert.deepEqual(after.baseline, before.baseline);
    assert.equal((await treesOf()).sha256, sha256);
  });
});

describe('a better model that the gate of the run has something against', () => {
  const cases = [
    {
      name: 'is registered and not promoted',
      gate: { maxCalibrationError: 0 },
      action: 'refused',
      gated: false,
      want: [
        /^Refused: calibration error: found 0\.\d+, allowed at most 0\.$/,
        /^toy@2 is registered; to overrule the gate: assay models promote toy@2$/,
      ],
    },
    {
      name: 'in a single slice, too',
      gate: { slices: { 'target = wear': { minimum: 1.01 } } },
      action: 'refused',
      gated: false,
      want: [
        /^Refused: accuracy of target = wear: found .* rows\), allowed at least 1\.01\.$/,
        /promote toy@2$/,
      ],
    },
    {
      name: 'that too few rows were compared on',
      gate: { minRows: 1000 },
      action: 'refused',
      gated: false,
      want: [/^Refused: rows to compare on: found 80, allowed at least 1000\.$/, /promote toy@2$/],
    },
    {
      name: 'or that a person has to approve, waits for that person',
      gate: { approval: 'required' },
      action: 'registered',
      gated: true,
      want: [
        /^Promoted: accuracy not inferior: .* all 4 checks passed\.$/,
        /^toy@2 is registered; gate\.approval: required; to approve it: assay models promote toy@2$/,
      ],
    },
  ];
  for (const { name, gate, action, gated, want } of cases) {
    it(name, async () => {
      const { version, context } = await championOf(files, { gate });
      const { found, figures, again } = await adaptedTo('new.csv', version, context);
      assert.deepEqual([found.action, found.registered], [action, 'toy@2']);
      want.forEach((sentence, i) => assert.match(found.reasons.at(i - 2)!, sentence));
      assert.equal(figures['reason'], found.reasons.slice(-2).join(' '));
      assert.equal((await context.registry.holder('toy', CHAMPION))?.version, 1);
      const made = (await context.registry.version('toy', 2))!;
      assert.deepEqual(made.gate, { promoted: gated, reason: found.reasons.at(-2) });
      const card = new TextDecoder().decode(await context.artifacts.readBlob(made.artifacts.card));
      assert.ok(card.includes(found.reasons.at(-2)!), 'its card says so');
      assert.deepEqual((await again()).figures, figures);
    });
  }

  it('takes its place where the gate passes, whose checks are kept with it', async () => {
    const { version, context } = await championOf(files);
    await adaptedTo('new.csv', version, context);
    const { gate, artifacts } = (await context.registry.version('toy', 2))!;
    const decision = GateDecision.parse(await readDocument(context.artifacts, artifacts.gate!));
    assert.deepEqual(gate, { promoted: true, reason: decision.reason });
    assert.deepEqual(
      decision.checks.map((check) => check.name),
      ['accuracy not inferior', 'slices', 'calibration error', 'effective sample size'],
    );
  });

  it('is registered only where the champion changed meanwhile', async () => {
    const { version, context } = await championOf(files);
    const move = { name: 'toy', alias: CHAMPION, version: 1, action: 'rollback' as const };
    await context.registry.move({ ...move, by: 'ann', why: 'x' });
    const { found } = await adaptedTo('new.csv', version, context);
    assert.equal(found.action, 'registered');
    assert.match(found.reasons.at(-1)!, /the champion has changed meanwhile: assay models promote toy@2/);
  });
});

describe('where only new rows count', () => {
  const both = { ...files, 'all.csv': `${files['old.csv']}${withoutHeader(files['new.csv'])}` };

  it('those that the champion has learned are left out', async () => {
    const { version, context } = await championOf(both, { clean: { exactDuplicates: 'keep' } });
    const { found } = await adaptedTo('all.csv', version, context, {}, true);
    assert.deepEqual([found.action, found.rows.fresh + found.rows.test], ['promoted', 400]);
    const second = (await context.registry.version('toy', 2))!;
    await assert.rejects(
      adaptedTo('all.csv', second, context, {}, true),
      /^Error: new rows are 0 to learn from and 0 to judge by, expected 20 or more of each: it waits for more$/,
    );
  });

  it('too few are waited for, which is no failure', async () => {
    const { version, context } = await championOf(both);
    await assert.rejects(
      adaptedTo('few.csv', version, context, {}, true),
      /24 to learn from and 6 to judge by/,
    );
    assert.equal((await context.registry.versions('toy')).length, 1);
  });

  it('a row whose label is another now is new', async () => {
    const swapped = files['old.csv'].replaceAll(/(home|wear)/g, (label) =>
      label === 'home' ? 'wear' : 'home',
    );
    const { version, context } = await championOf({ ...files, 'swapped.csv': swapped });
    const { found } = await adaptedTo('swapped.csv', version, context, {}, true);
    assert.equal(found.rows.fresh + found.rows.test, 400);
  });
});

describe('is refused', () => {
  it('with too few rows', async () => {
    const { version, context } = await championOf(files);
    await assert.rejects(
      adaptedTo('few.csv', version, context),
      /the new rows leave 6 rows for test, expected 20/,
    );
  });
  const unable = [
    {
      model: { name: 'lstm' },
      want: /toy@1 is a lstm, which can't go on from an earlier fit; train it anew/,
    },
    { model: { name: 'trees', kind: 'bagging' }, want: /toy@1 is a trees \(bagging\), which can't go on/ },
  ];
  for (const { model, want } of unable) {
    it(`of a ${Object.values(model).join(', ')}, which can not go on from an earlier fit`, async () => {
      const { version, context } = await championOf(files);
      await assert.rejects(adaptedTo('new.csv', { ...version, model }, context), want);
    });
  }
});

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it, type TestContext } from 'node:test';
import type { RunConfig } from '../../config/runConfig.js';
import type { StageContext } from '../../contracts/store.js';
import type { RecordBlock } from '../../core/ingest/source.js';
import { softmaxRows } from '../../core/probability.js';
import { ranking } from '../../core/tasks/ranking.js';
import { gather, integers, texts, vectors } from '../../core/table.js';
import { apiKeys } from '../../serving/apiKeys.js';
import { ensembleOf } from '../../serving/ensemble.js';
import { createServer } from '../../serving/http.js';
import { PartFiles } from '../../serving/partFiles.js';
import { predictFile } from '../../serving/predictFile.js';
import { loadServedModel, type ServedModel } from '../../serving/servedModel.js';
import { ServeMetrics } from '../../serving/serveMetrics.js';
import { rateLimit } from '../../serving/tokenBucket.js';
import { trainingJob } from '../../workflows/job.js';
import { newRunState } from '../../workflows/progress.js';
import { fakeStageContext } from '../fakes/stageContext.js';
import { inProcessRunner } from '../fakes/stageRunner.js';
import { toyRankingConfig, toyRankingCsv } from '../fakes/toyRanking.js';
import { temporaryFolder } from '../storage/workspace.js';

const noEngine = () => Promise.reject(new Error('linear models need no engine'));
const quick: RunConfig = {
  ...toyRankingConfig,
  loop: { ...toyRankingConfig.loop, maxRounds: 0 },
  crossValidate: { folds: 0 },
};

/** A row of the test side, and what the run itself said of it. */
interface Told {
  readonly cells: readonly string[];
  readonly probabilities: Float64Array;
  readonly score: number;
}

const [headerLine, ...lines] = toyRankingCsv().trim().split('\n');
const header = headerLine!.split(',');
const cell = (cells: readonly (string | null)[], column: string) => cells[header.indexOf(column)] ?? null;

/** Trains, and reads what the analysis predicted of the test rows. */
async function trained(): Promise<{ model: ServedModel; told: Told[] }> {
  const context: StageContext = {
    ...fakeStageContext({ 'toy.csv': toyRankingCsv() }),
    checkpoints: { load: () => Promise.resolve(undefined), save: () => Promise.resolve() },
  };
  const state = newRunState(quick);
  const { runner, results } = inProcessRunner(() => context, state.done);
  const host = { runId: 'train/toy/1', runner, nowMs: () => 0, pause: () => Promise.resolve() };
  const { outputs } = await trainingJob(state, { strengths: [1] }, host);
  const { artifacts } = context;
  const table = async (ref: { readonly sha256: string } | undefined) =>
    gather(artifacts.readTable(ref as Parameters<typeof artifacts.readTable>[0]));
  const ids = texts(await table(outputs['samples']![0]), 'id');
  const predictions = await table(results.get('analyse')!.outputs['predictions']![0]);
  const { width, values } = vectors(predictions, 'logits');
  const probabilities = softmaxRows(values, width);
  const scores = ranking.scores!({ rows: values.length / width, cols: width, values });
  const rows = integers(predictions, 'row');
  const told = texts(predictions, 'arm').flatMap((arm, i) => {
    if (arm !== 'weighted') return [];
    const cells = lines.find((line) => line.startsWith(`${ids[rows[i]!]},`))!.split(',');
    return [{ cells, score: scores[i]!, probabilities: probabilities.subarray(i * width, (i + 1) * width) }];
  });
  const [version] = await context.registry.versions('toy-ranking');
  return { model: await loadServedModel(version!, { artifacts, engine: noEngine }), told };
}

/** Blocks of rows, four at a time: queries of six rows come in two or three blocks. */
async function* blocksOf(rows: readonly (readonly (string | null)[])[]): AsyncGenerator<RecordBlock> {
  for (let at = 0; at < rows.length; at += 4) {
    const records = rows.slice(at, at + 4).map((cells, i) => ({ line: at + i + 2, cells: [...cells] }));
    yield await Promise.resolve({ header, records, unreadable: [] });
  }
}

describe('a model that compares the rows of a query', () => {
  let model: ServedModel;
  let told: Told[];
  before(async () => {
    ({ model, told } = await trained());
  });

  async function predict(
    t: TestContext,
    rows: readonly (readonly (string | null)[])[],
    shardRows: number,
  ): Promise<string[]> {
    const out = join(await temporaryFolder(t), 'out.csv');
    await predictFile({
      ...{ answerer: model, where: 'in.csv', isLoose: false, shardRows, allProbabilities: true },
      ...{ target: 'none', signal: new AbortController().signal, progress: () => undefined },
      parts: await PartFiles.open(out, 'csv', {}, false),
      blocks: blocksOf(rows),
    });
    return readFileSync(out, 'utf8').trim().split('\n');
  }

  it('reads the column of the query beside its features', () => {
    assert.deepEqual(model.columns, [
      { name: 'query', isNumeric: false },
      { name: 'title', isNumeric: false },
      { name: 'query_id', isNumeric: false, isGroup: true },
    ]);
  });

  for (const shardRows of [1000, 7, 1]) {
    it(`answers the test rows of its run as the run did, in shards of ${shardRows} rows`, async (t) => {
      const [head, ...answers] = await predict(
        t,
        told.map(({ cells }) => cells),
        shardRows,
      );
      assert.equal(head, `${headerLine},prediction,probability,score,p(0),p(1),p(2)`);
      assert.equal(answers.length, told.length);
      answers.forEach((answer, i) => {
        const own = answer.split(',').slice(header.length).map(Number);
        const { probabilities, score } = told[i]!;
        const most = Math.max(...probabilities);
        assert.deepEqual(own.slice(3), [...probabilities]);
        assert.deepEqual(own.slice(0, 2), [probabilities.indexOf(most), most]);
        assert.ok(Math.abs(own[2]! - score) < 1e-9, `${own[2]} ${score}`);
      });
    });
  }

  it('refuses a file whose query goes on after its shard, and says where and what to do', async (t) => {
    const rows = told.slice(0, 12).map(({ cells }) => cells);
    const torn = [...rows.slice(0, 5), ...rows.slice(6), rows[5]!];
    const query = cell(rows[5]!, 'query_id');
    await assert.rejects(predict(t, torn, 4), {
      name: 'DataError',
      message:
        `in.csv:13: query_id "${query}" goes on here, but its first rows stand far above and are answered already; ` +
        'rows of one query are answered together: sort the file by "query_id", or give a --shard-rows as large as the file',
    });
    assert.equal((await predict(t, torn, 100)).length, 13);
  });

  it('takes a row without a query as one that is alone', async (t) => {
    const rows = told.slice(0, 6).map(({ cells }) => cells.with(header.indexOf('query_id'), ''));
    const [, ...together] = await predict(t, rows, 100);
    const [, ...apart] = await predict(t, rows, 1);
    assert.deepEqual(together, apart);
  });

  it('asks for the query over HTTP, answers its rows beside each other, with the score', async (t) => {
    const app = createServer({
      answerer: () => model,
      swaps: () => 0,
      otherColumns: new Set(['id', 'grade', 'split']),
      keys: apiKeys(undefined, undefined),
      limit: rateLimit(0),
      metrics: new ServeMetrics(),
      ...{ bodyLimitBytes: 1 << 16, requestTimeoutMs: 5_000, mostRows: 100, nowMs: () => 0 },
    });
    t.after(() => app.close());
    const rows = told
      .slice(0, 12)
      .map(({ cells }) => Object.fromEntries(header.map((name, i) => [name, cells[i]])));
    const post = (payload: object, url = '/v1/predict/batch') => app.inject({ method: 'POST', url, payload });
    const { answers } = (await post({ rows })).json<{ answers: { score: number; probability: number }[] }>();
    told.slice(0, 12).forEach(({ score, probabilities }, i) => {
      assert.ok(Math.abs(answers[i]!.score - score) < 1e-9);
      assert.equal(answers[i]!.probability, Math.max(...probabilities));
    });
    const { query_id: _, ...without } = rows[0]!;
    const refused = await post({ row: without }, '/v1/predict');
    assert.equal(refused.statusCode, 400);
    assert.match(refused.body, /column \\"query_id\\" is missing/);
    const document = (await app.inject('/openapi.json')).json<{
      paths: Record<string, { post: { requestBody: { content: Record<string, { schema: object }> } } }>;
    }>();
    const schema = JSON.stringify(document.paths['/v1/predict/batch']!.post.requestBody);
    assert.match(schema, /"required":\["query","title","query_id"\]/);
    assert.match(schema, /all its rows have to be in one batch/);
  });

  it('keeps query and score in an ensemble', () => {
    const members = [1, 3].map((weight) => ({ model, weight }));
    const both = ensembleOf(members);
    assert.deepEqual(both.columns, model.columns);
    const probabilities = Float64Array.of(0.2, 0.5, 0.3);
    assert.deepEqual(both.scores!(probabilities), model.scores!(probabilities));
    // g = 0.5·1 + 0.3·3 = 1.4 of at most 3: ln(1.4 / 1.6)
    assert.ok(Math.abs(model.scores!(probabilities)[0]! - Math.log(1.4 / 1.6)) < 1e-12);
    assert.ok(Number.isFinite(model.scores!(Float64Array.of(1, 0, 0))[0]), 'a probability of 0 has a score');
  });
});

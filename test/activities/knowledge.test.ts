import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { z } from 'zod';
import { knowledge } from '../../activities/knowledge.js';
import { KnowledgeConfig, KnowledgeSummary } from '../../contracts/knowledge.js';
import { Columns } from '../../contracts/settings.js';
import { readDocument } from '../../activities/prepared.js';
import { readVotes } from '../../activities/votes.js';
import type { ArtifactRef } from '../../contracts/artifact.js';
import { quarantineBatch, QUARANTINE_COLUMNS } from '../../core/quarantine.js';
import { gather, pickRows } from '../../core/table.js';
import { tableRows } from '../fakes/artifacts.js';
import { csv, runClean } from './tableStages.js';

const dataset = {
  source: 't.csv',
  columns: { target: 'label', text: ['name'], id: 'id', split: 'side' },
  split: { by: 'column' as const },
};
const rows = csv(
  'id,name,label,side',
  'a,red rug,Rugs,train',
  'b,blue rug,Lamps,train',
  'c,desk lamp,Lamps,train',
  'd,green rug,Lamps,test',
  'e,desk,Lamps,validation',
);
const rules = [{ name: 'rugs', if: { column: 'name', contains: 'rug' }, then: 'Rugs' }];
const facts = csv('object,relation,subject', 'Home,is_a,Rugs', 'Home,is_a,Lamps', 'lamp,called,Lamps');

async function known(config: z.input<typeof KnowledgeConfig>, graph = facts) {
  const { output, context } = await runClean({ 't.csv': rows, 'facts.csv': graph }, dataset);
  const params = { columns: Columns.parse(dataset.columns), knowledge: KnowledgeConfig.parse(config) };
  const { dataset: cleaned, quarantine } = output.outputs;
  const inputs = { dataset: cleaned!, quarantine: quarantine! };
  const made = await knowledge.run({ path: 'knowledge', seed: 1, params, inputs }, context);
  const read = async (name: string) => readDocument(context.artifacts, made.outputs[name]![0]!);
  return { ...made, context, cleaned: cleaned![0]!, read };
}

it('reports training rows that contradict a rule, and leaves them where they are', async () => {
  const { outputs, figures, read, cleaned } = await known({ rules });
  assert.deepEqual(figures, { rules: 1, facts: 0, contradicted: 1, quarantined: 0 });
  assert.equal(outputs['dataset']![0]!.sha256, cleaned.sha256);
  const summary = KnowledgeSummary.parse(await read('knowledgeSummary'));
  assert.deepEqual(summary.rules, [{ name: 'rugs', expects: 'Rugs', fired: 2, agrees: 1 }]);
  assert.deepEqual(summary.examples, [{ id: 'b', rule: 'rugs', expected: 'Rugs', target: 'Lamps' }]);
});

it('takes them out where asked: never a row of the test split, and none is lost', async () => {
  const { outputs, context } = await known({ rules, check: 'quarantine' });
  const kept = await tableRows(context.artifacts, outputs['dataset']![0]!);
  assert.deepEqual(
    kept.map(({ id }) => id),
    ['a', 'c', 'd', 'e'],
  );
  const [put] = await tableRows(context.artifacts, outputs['quarantine']![0]!);
  assert.deepEqual(
    [put!['id'], put!['rule'], put!['reason']],
    ['b', 'contradicts rugs', 'target Lamps; expected Rugs'],
  );
  assert.match(String(put!['record']), /"name":"blue rug"/);
  const votes = await readVotes(outputs['votes']![0]!, Int32Array.of(2, 0, 1), context);
  assert.deepEqual(votes, [Int8Array.of(-1, 1, 0)]);
});

it('looks into the graph, whatever the order of its columns', async () => {
  const { figures, outputs, context } = await known({ graph: 'facts.csv' });
  assert.deepEqual(figures, { rules: 0, facts: 3, contradicted: 0, quarantined: 0 });
  const votes = await readVotes(outputs['votes']![0]!, Int32Array.of(0, 1, 2, 3), context);
  assert.deepEqual(votes, [Int8Array.of(0, 0, 1, 0)]); // "lamp"; no text says "rugs"
});

it('goes through a table batch by batch, to the same rows', async () => {
  const { context, cleaned, outputs } = await known({ rules, graph: 'facts.csv', check: 'quarantine' });
  const { columns } = await context.artifacts.manifest(cleaned);
  const table = await gather(context.artifacts.readTable(cleaned));
  const single = Array.from({ length: table.rows }, (_, row) => pickRows(table, Int32Array.of(row)));
  const inBatches = await context.artifacts.writeTable('dataset', columns, single);
  const params = {
    columns: Columns.parse(dataset.columns),
    knowledge: KnowledgeConfig.parse({ rules, graph: 'facts.csv', check: 'quarantine' }),
  };
  const quarantine = [
    await context.artifacts.writeTable('quarantine', QUARANTINE_COLUMNS, [quarantineBatch([])]),
  ];
  const again = await knowledge.run(
    { path: 'knowledge', seed: 1, params, inputs: { dataset: [inBatches], quarantine } },
    context,
  );
  for (const name of ['dataset', 'quarantine', 'knowledge', 'votes', 'knowledgeSummary']) {
    const read = (ref: ArtifactRef) =>
      ref.kind === 'document' ? readDocument(context.artifacts, ref) : tableRows(context.artifacts, ref);
    assert.deepEqual(await read(again.outputs[name]![0]!), await read(outputs[name]![0]!), name);
  }
});

describe('is refused', () => {
  const cases = [
    {
      name: 'without the columns of a graph',
      graph: csv('a,b', 'x,y'),
      want: /expected columns subject, relation, object, found a, b/,
    },
    {
      name: 'with an empty cell',
      graph: csv('subject,relation,object', 'x,is_a,y', 'x,,y'),
      want: /facts\.csv, line 3: .*empty/,
    },
    { name: 'with a circle', graph: csv('subject,relation,object', 'x,is_a,x'), want: /x is_a x/ },
  ];
  for (const { name, graph, want } of cases)
    it(name, () => assert.rejects(known({ graph: 'facts.csv' }, graph), want));

  it('where no training row would be left', () => {
    const all = [{ name: 'all', if: { column: 'name', missing: false }, then: 'Nothing' }];
    return assert.rejects(known({ rules: all, check: 'quarantine' }), /every training row contradicts/);
  });
});

import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import fc from 'fast-check';
import { readDocument } from '../../activities/prepared.js';
import { profile } from '../../activities/profile.js';
import type { ColumnSpec } from '../../contracts/artifact.js';
import { Profile } from '../../contracts/drift.js';
import { CHAMPION } from '../../contracts/registry.js';
import { Columns } from '../../contracts/settings.js';
import type { StageContext } from '../../contracts/store.js';
import { modelDraft } from '../fakes/modelDraft.js';
import { openWorkplace, outcome, type Workplace } from './bothWays.js';

const columns = Columns.parse({
  target: 'y',
  ...{
    text: ['title', 'no text'],
    attributes: ['say "hi"'],
    numeric: ['price', 'stars'],
    categorical: ['shop'],
  },
});
const word = fc.constantFrom(
  'oak',
  'Oak',
  'Σ',
  'İ',
  '椅子',
  '😀',
  '👩‍🚀',
  '👩‍👩',
  '🏴󠁧󠁢󠁥󠁮󠁧󠁿',
  '\uff21',
  '\u{1f600}x',
  'a\0b',
  "it's",
  '',
);
const words = fc.oneof(
  fc.constant(null),
  fc.array(word, { maxLength: 4 }).map((found) => found.join(' ')),
);
const number = fc.oneof(
  fc.constantFrom(NaN, 0, -0, 1, 2, 2, 3, 1e21, -7.5),
  fc.double({ noDefaultInfinity: true }),
);
const cell = fc.constantFrom(null, '', '1', '2.5', ' 7 ', 'x', 'Infinity', '1e400', '0x10');
const rowsOf = (stars: fc.Arbitrary<unknown>): fc.Arbitrary<readonly unknown[][]> =>
  fc.array(
    fc.tuple(
      fc.constantFrom('yes', 'no'),
      words,
      words,
      number,
      stars,
      fc.oneof(word, fc.constant(null), fc.integer().map(String)),
    ),
    { minLength: 1, maxLength: 60 },
  );
const NAMES = ['target', 'title', 'say "hi"', 'price', 'stars', 'shop'];

let workplace: Workplace;
before(async () => {
  workplace = await openWorkplace();
});
after(() => workplace.close());

/** A table with these cells; of numbers, those in a column of numbers are float64. */
function write({ artifacts }: StageContext, rows: readonly unknown[][], stars: ColumnSpec['type']) {
  const specs = [
    ...NAMES.map((name): ColumnSpec => ({
      name,
      type: name === 'price' ? 'float64' : name === 'stars' ? stars : 'utf8',
    })),
    { name: 'no text', type: 'utf8' } as const,
  ];
  const cells = specs.map(({ name, type }, at) => {
    const found = rows.map((row) => (name === 'no text' ? null : row[at]));
    return [name, type === 'float64' ? Float64Array.from(found as number[]) : (found as string[])] as const;
  });
  return artifacts.writeTable('dataset', specs, [{ rows: rows.length, columns: Object.fromEntries(cells) }]);
}

it(
  'comes to the same bytes as in memory, and compares with tables whose numbers are texts',
  { timeout: 300_000 },
  async () => {
    const { small, elsewhere } = workplace.contexts({});
    const draft = modelDraft();
    let versions = 0;
    await fc.assert(
      fc.asyncProperty(rowsOf(number), rowsOf(cell), fc.boolean(), async (now, then, isCompared) => {
        const table = await write(small, now, 'float64');
        if (isCompared) {
          const dataset = await write(small, then, 'utf8');
          const { name, version } = await small.registry.register({
            ...draft,
            artifacts: { ...draft.artifacts, dataset },
          });
          await small.registry.move({
            name,
            alias: CHAMPION,
            version,
            action: 'promote',
            by: 'test',
            why: 'drawn',
          });
          versions = version;
        }
        const params = { columns, ...(isCompared ? { model: draft.name } : {}) };
        const run = (context: StageContext) =>
          profile.run({ path: 'profile', seed: 1, params, inputs: { dataset: [table] } }, context);
        const wanted = await outcome(() => run(small));
        assert.deepEqual(await outcome(() => run(elsewhere)), wanted);
        const { outputs } = await run(small);
        const found = Profile.parse(await readDocument(small.artifacts, outputs['profile']![0]!));
        assert.equal(found.columns.length, 9);
        assert.equal(found.drift === null, !isCompared);
      }),
      { numRuns: 25 },
    );
    assert.ok(versions > 5);
  },
);

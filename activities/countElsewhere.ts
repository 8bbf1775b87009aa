import type { ArtifactRef, ColumnSpec } from '../contracts/artifact.js';
import type { SharedSession, StageContext } from '../contracts/store.js';
import type { CountRequest } from '../core/features/block.js';
import { joinedText, termsSelect } from '../core/features/countSql.js';
import { sqlFunctions } from '../core/sql/functions.js';
import { NUMBER_TEXT } from '../core/sql/text.js';
import { attributeTermsFunction, ngramsFunction } from '../core/sql/textFunctions.js';
import { joinedCuts } from './joinedCuts.js';

/** Counts terms of a table's training rows on another engine than this machine's; undefined where there is no such one. */
export function countingElsewhere(
  table: ArtifactRef,
  { artifacts, elsewhere, progress }: StageContext,
): ((requests: readonly CountRequest[]) => Promise<void>) | undefined {
  if (!elsewhere) return undefined;
  return async (requests) => {
    if (requests.length === 0) return;
    const { columns } = await artifacts.manifest(table);
    const options = {
      inputs: { work: [table] },
      functions: [...sqlFunctions(0).filter(({ name }) => name === NUMBER_TEXT), attributeTermsFunction()],
      progress: (share: number) => progress({ done: share, total: 1, unit: 'of a scan' }),
    };
    await elsewhere(options, (session) => countAll(session, requests, columns));
  };
}

async function countAll(
  session: SharedSession,
  requests: readonly CountRequest[],
  specs: readonly ColumnSpec[],
): Promise<void> {
  await session.view('training', `SELECT * FROM work WHERE "split" = 'train'`);
  const asked = requests.map((request, i) => ({
    ...{ request, cutBy: request.counts.of === 'ngrams' ? `ngrams_${i}` : 'attribute_terms' },
    text: joinedText(
      request,
      request.columns.map((name) => specs.find((spec) => spec.name === name)!),
    ),
  }));
  const cut = asked.filter(
    ({ request: { counts } }) => counts.of === 'ngrams' && counts.analyzer === 'words',
  );
  const cuts = await joinedCuts(
    session,
    cut.map(({ text }) => ({ table: 'training', text })),
  );
  const [[rows] = []] = await session.query('SELECT count(*) FROM training');
  for (const { request, cutBy, text } of asked) {
    if (request.counts.of === 'ngrams') await session.function(ngramsFunction(cutBy, request.counts, cuts));
    const found = await session.query(termsSelect(request, text, { table: 'training', cutBy }));
    request.take(
      found.map(([term, count]) => [String(term), Number(count)]),
      Number(rows),
    );
  }
}

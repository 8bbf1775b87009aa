import assert from 'node:assert/strict';
import { it } from 'node:test';
import { renderReport } from '../../report/renderReport.js';
import { sampleSummary } from '../fixtures/summary.js';

/** The summary with these engines among the figures of its first stages. */
const pageWith = (...engines: readonly string[]): string => {
  const summary = sampleSummary();
  const lineage = summary.lineage.map((stage, i) => {
    const engine = engines[i];
    return engine === undefined ? stage : { ...stage, figures: { ...stage.figures, engine } };
  });
  return renderReport({ ...summary, lineage });
};

it('the report tells what computed the networks, once for each engine', () => {
  const page = pageWith('TensorFlow 2.21.0 on the cpu, 1 thread', 'TensorFlow 2.21.0 on the cpu, 1 thread');
  assert.equal(
    page.match(/Networks were computed by TensorFlow 2\.21\.0 on the cpu, 1 thread\./g)?.length,
    1,
  );
  assert.doesNotMatch(page, /many times slower/);
});

it('the report says that wasm is slow, and how to get TensorFlow', () => {
  assert.match(
    pageWith('wasm 4.22.0 on the cpu, 1 thread'),
    /many times slower than TensorFlow: `assay setup`/,
  );
});

it('the report of a run without networks speaks of no engine', () => {
  assert.doesNotMatch(pageWith(), /Networks were computed/);
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { dependentsOf, lineageTree, type Derivation } from '../../../core/lineage/graph.js';

const made = (stage: string, inputs: string[], outputs: string[]): Derivation => ({
  ...{ stageKey: `${stage}(${inputs.join()})`, stage, inputs, outputs },
});

/** A run over a table from which cleaning drops a row; the classes are the same with and without it. */
const run = (tag: string): Derivation[] => [
  made('clean', [`raw${tag}`], [`kept${tag}`, `dropped${tag}`]),
  made('featurize', [`kept${tag}`], [`features${tag}`, 'classes']),
  made('fit', [`features${tag}`, 'classes'], [`model${tag}`]),
  made('report', [`model${tag}`, `dropped${tag}`], [`page${tag}`]),
];

describe('the lineage of artifacts', () => {
  it('unfolds each artifact once, and names the stages in between', () => {
    const tree = lineageTree(run(''), 'raw', 'forwards');
    const lines: string[] = [];
    const write = (node: typeof tree, depth: number): void => {
      lines.push(`${' '.repeat(depth)}${node.artifact}${node.isRepeated ? ' …' : ''} ${node.stages.join()}`);
      for (const child of node.children) write(child, depth + 1);
    };
    write(tree, 0);
    assert.deepEqual(lines, [
      'raw ',
      ' kept clean',
      '  features featurize',
      '   model fit',
      '    page report',
      '  classes featurize',
      '   model … fit',
      ' dropped clean',
      '  page … report',
    ]);
    const back = lineageTree(run(''), 'model', 'backwards');
    assert.deepEqual(
      back.children.map(({ artifact, stages }) => [artifact, ...stages]),
      [
        ['features', 'fit'],
        ['classes', 'fit'],
      ],
    );
  });

  it('knows that a model did not see a row that cleaning had dropped', () => {
    const { artifacts } = dependentsOf(
      run(''),
      new Set(['raw', 'dropped']),
      new Set(['raw', 'dropped', 'kept']),
    );
    assert.deepEqual([...artifacts].sort(), ['dropped', 'page', 'raw']);
  });

  it('does not take content for dependent that others made without the data', () => {
    const two = [...run('1'), ...run('2')];
    const examined = new Set(['raw1', 'raw2', 'kept1', 'kept2', 'dropped1', 'dropped2']);
    const { artifacts } = dependentsOf(two, new Set(['raw1', 'kept1']), examined);
    assert.deepEqual([...artifacts].sort(), ['features1', 'kept1', 'model1', 'page1', 'raw1']);
    assert.ok(dependentsOf(run('1'), new Set(['kept1']), examined).artifacts.has('classes'));
  });

  it('is the same whatever the order in which stages are told of', () => {
    const graphs = fc.array(
      fc.record({
        inputs: fc.uniqueArray(fc.nat(11).map(String), { maxLength: 3 }),
        outputs: fc.uniqueArray(fc.nat(11).map(String), { maxLength: 3 }),
      }),
      { maxLength: 14 },
    );
    fc.assert(
      fc.property(graphs, fc.uniqueArray(fc.nat(11).map(String)), fc.nat(11), (shapes, examined, holder) => {
        const all = shapes.map((shape, i) => ({ stageKey: String(i), stage: 's', ...shape }));
        const known = new Set([...examined, String(holder)]);
        const { artifacts, stages } = dependentsOf(all, new Set([String(holder)]), known);
        const turned = dependentsOf([...all].reverse(), new Set([String(holder)]), known);
        assert.deepEqual([...turned.artifacts].sort(), [...artifacts].sort());
        for (const { stageKey, inputs } of all)
          assert.equal(
            stages.has(stageKey),
            inputs.some((input) => artifacts.has(input)),
          );
        for (const artifact of artifacts) {
          const makers = all.filter(({ outputs }) => outputs.includes(artifact));
          assert.ok(artifact === String(holder) || makers.every(({ stageKey }) => stages.has(stageKey)));
        }
      }),
      { numRuns: 500 },
    );
  });
});

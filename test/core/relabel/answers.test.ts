import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readAnswerSheet, refuseUnknownId } from '../../../core/relabel/answers.js';

const IDS = ['a1', 'a2', 'b7'];
const terms = {
  labels: ['cat', 'dog'],
  refuseId: (id: string) => (IDS.includes(id) ? undefined : refuseUnknownId(id, IDS)),
};
const read = (header: string, ...lines: string[]) =>
  readAnswerSheet(
    {
      file: 'check.csv',
      header: header.split(','),
      records: lines.map((line, i) => ({ cells: line.split(',').map((cell) => cell || null), line: i + 2 })),
    },
    terms,
  );

describe('a worksheet that was filled in', () => {
  it('gives the answers by id, trimmed, and who gave them when', () => {
    const answers = read('id,true_label,verified_by,verified_at', 'a1, cat ,maria,2026-11-24', 'a2,dog');
    assert.deepEqual(answers.get('a1'), { label: 'cat', line: 2, by: 'maria', at: '2026-11-24' });
    assert.deepEqual(answers.get('a2'), { label: 'dog', line: 3, by: null, at: null });
  });
  it('takes rows without a label for not answered', () => {
    assert.deepEqual([...read('id,true_label', 'a1,', 'a2,dog').keys()], ['a2']);
  });
  it('takes a column label where there is no true_label', () => {
    assert.equal(read('id,label', 'a1,cat').get('a1')!.label, 'cat');
  });
  it("reads the worksheet's own column where the user has one of the same name", () => {
    assert.equal(read('id,true_label,true_label', 'a1,cat,dog').get('a1')!.label, 'dog');
  });
  it('takes the same answer twice for one', () => {
    assert.equal(read('id,true_label', 'a1,cat', 'a1,cat').size, 1);
  });

  const refused = [
    {
      name: 'an id that there is not',
      lines: ['a1,cat', 'a3,cat'],
      says: /line 3: there is no row "a3"; did you mean "a1", "a2"\?/,
    },
    {
      name: 'a label that there is not',
      lines: ['a1,dgo'],
      says: /line 2: there is no label "dgo"; did you mean "dog"\?/,
    },
    { name: 'a label like none', lines: ['a1,giraffe'], says: /expected one of cat, dog/ },
    {
      name: 'two answers that differ',
      lines: ['a1,cat', 'a2,cat', 'a1,dog'],
      says: /line 4: "a1" is "dog" here and "cat" in line 2/,
    },
    { name: 'a label without id', lines: [',cat'], says: /line 2: the label "cat" has no id/ },
    { name: 'no answer at all', lines: ['a1,'], says: /no row has a true_label/ },
  ];
  for (const { name, lines, says } of refused) {
    it(`is refused with ${name}, by line`, () => {
      assert.throws(() => read('id,true_label', ...lines), { name: 'DataError', message: says });
    });
  }
  it('is refused without the columns that it needs', () => {
    assert.throws(() => read('id,truth', 'a1,cat'), /expected a column true_label or label, found id, truth/);
    assert.throws(() => read('name,label', 'a1,cat'), /expected a column id, found name, label/);
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { credentialsIn, hasCredentials, withoutCredentials } from '../../contracts/credentials.js';

describe('passwords in URLs', () => {
  const cases: [string, string][] = [
    ['s3://AKIA:hunter2@bucket/key', 's3://…@bucket/key'],
    ['no file https://u:p@h:8080/x and http://v:q@i', 'no file https://…@h:8080/x and http://…@i'],
    ['postgres://:hunter2@db/x', 'postgres://…@db/x'],
  ];
  for (const [text, want] of cases) {
    it(`are taken out of ${text}`, () => {
      assert.equal(hasCredentials(text), true);
      assert.equal(withoutCredentials(text), want);
    });
  }

  const harmless = ['s3://bucket/a@b:c', 'https://host:8080/x', 'user@host:22', 'file:///a/b', '10:30 a@b'];
  for (const text of harmless) {
    it(`are not seen in ${text}`, () => {
      assert.equal(hasCredentials(text), false);
      assert.equal(withoutCredentials(text), text);
    });
  }

  it('are found in plain data, with the path', () => {
    const value = { name: 'x', dataset: { source: ['a.csv', 's3://u:p@b/k'] }, none: null };
    assert.deepEqual(credentialsIn(value), ['dataset', 'source', 1]);
    assert.equal(credentialsIn({ source: 's3://b/k' }), undefined);
  });
});

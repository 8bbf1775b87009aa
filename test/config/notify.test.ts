import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { loadRunConfig } from '../../config/load.js';

const load = (notify: string) =>
  loadRunConfig(
    `name: shop\ndataset: { source: a.csv, columns: { target: y, text: [t] } }\nnotify: [${notify}]\n`,
    {
      path: 'assay.yaml',
    },
  ).notify;

describe('who assay.yaml wants told', () => {
  it('is told of all but plain completion by default', () => {
    assert.deepEqual(load('{ webhook: "https://hooks.example/x" }'), [
      {
        on: ['blocked', 'waiting', 'failed', 'promoted', 'drift'],
        ...{ webhook: 'https://hooks.example/x', timeout: '10s', attempts: 5 },
      },
    ]);
  });

  const refused: [string, string, RegExp][] = [
    ['nobody', '{ on: [blocked] }', /expected one of webhook, webhookFromEnvironment and command, found 0/],
    ['two ways at once', '{ webhook: "http://a", command: [page] }', /found 2/],
    ['an unknown event', '{ on: [blockd], webhook: "http://a" }', /did you mean "blocked"/],
    [
      'a secret instead of the name of its variable',
      '{ webhook: "http://a", signWith: s3cr3t-value }',
      /signWith: .*the name of an environment variable/,
    ],
    ['a password in a URL', '{ webhook: "https://u:hunter2@a/" }', /without user and password/],
    ['a signed command', '{ command: [page], signWith: TEAM_SECRET }', /a command needs no signature/],
    ['another protocol', '{ webhook: "ftp://a" }', /an http:\/\/ or https:\/\/ URL/],
  ];
  for (const [name, notify, words] of refused) {
    it(`refuses ${name}`, () => assert.throws(() => load(notify), words));
  }
  it('does not repeat a password that it refuses', () =>
    assert.throws(
      () => load('{ webhook: "https://u:hunter2@a/" }'),
      (error: Error) => !error.message.includes('hunter2'),
    ));
});

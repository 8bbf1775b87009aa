import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { after, before, describe, it } from 'node:test';
import { askOver } from '../../cli/asking.js';
import { firstConfig } from '../../cli/firstConfig.js';
import { loadRunConfig } from '../../config/load.js';
import { createSources } from '../../storage/sources.js';

/** What a person types, line by line, each after the question before it was read; and what was asked. */
function person(lines: readonly string[]) {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const left = [...lines];
  let asked = '';
  output.on('data', (chunk: Buffer) => {
    asked += chunk.toString();
    if (!asked.endsWith('] ')) return;
    const line = left.shift();
    if (line === undefined) input.end();
    else setImmediate(() => input.write(`${line}\n`));
  });
  return { ask: askOver({ input, output }), asked: () => asked };
}

describe('a question', () => {
  const cases = [
    { name: 'takes what was typed', lines: ['b'], want: 'b' },
    { name: 'takes the likeliest on an empty line', lines: [''], want: 'a' },
    { name: 'asks again after what is not there', lines: ['c', ' b '], want: 'b' },
    { name: 'takes the likeliest where nobody is there any more', lines: [], want: 'a' },
  ];
  for (const { name, lines, want } of cases) {
    it(name, async () => {
      const { ask, asked } = person(lines);
      assert.equal(await ask('Which?', ['a', 'b'], 'a'), want);
      assert.match(asked(), /^Which\? a, b \[a\] /);
      assert.equal(asked().includes('There is no "c"'), lines.includes('c'));
    });
  }
});

describe('assay init on a terminal', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'assay-asking-'));
    const rows = Array.from(
      { length: 60 },
      (_, i) => `${i % 6},lamp ${i % 6},lamp of kind ${i},${i % 3},${i % 2}`,
    );
    writeFileSync(join(folder, 'search.csv'), `qid,query,title,grade,clicked\n${rows.join('\n')}\n`);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));
  const init = (lines: readonly string[], options = {}) => {
    const { ask, asked } = person(lines);
    const sources = createSources({ scratchDirectory: folder });
    const made = firstConfig(join(folder, 'search.csv'), options, sources, ask);
    return made.then(({ text }) => ({ config: loadRunConfig(text, { path: 'assay.yaml' }), asked: asked() }));
  };

  it('asks for the label and what is learned of it, and goes by the answers', async () => {
    const { config, asked } = await init(['grade', 'ranking']);
    assert.match(
      asked,
      /^Which column is the label\? .*grade.*\n?.*What is learned of it\? classification, ranking/s,
    );
    assert.deepEqual(
      [config.task, config.dataset.columns.target, config.dataset.columns.group],
      [{ name: 'ranking', loss: 'lambdarank', depth: 10 }, 'grade', 'qid'],
    );
  });

  it('offers the task that it guesses from the label', async () => {
    assert.match((await init(['grade', ''])).asked, /recommendation \[ranking\]/);
    const { config, asked } = await init(['clicked', '']);
    assert.match(asked, /recommendation \[ctr\]/);
    assert.equal(config.task, 'ctr');
  });

  it('asks nothing where options say it', async () => {
    const { config, asked } = await init([], { target: 'grade', task: 'classification' });
    assert.deepEqual([asked, config.task], ['', 'classification']);
    assert.equal((await init([], { target: 'clicked' })).asked, '');
  });
});

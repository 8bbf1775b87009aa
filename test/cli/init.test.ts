import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { loadRunConfig } from '../../config/load.js';
import { assay } from './process.js';

const TOPICS = ['refund money back', 'parcel is late', 'password reset mail'];
const ROWS = Array.from(
  { length: 90 },
  (_, i) =>
    `t${i},c${i % 30},"${TOPICS[i % 3]} number ${i}",${i % 7}.5,,2026-11-${10 + (i % 15)},intent ${i % 3}`,
);
const TABLE = `ticket_id,customer_id,body,minutes,notes,opened,intent\n${ROWS.join('\n')}\n`;

describe('assay init', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'assay-init-test-'));
    writeFileSync(join(folder, 'Tickets 2026.csv'), TABLE);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));
  const init = (...args: string[]) => assay(['init', 'Tickets 2026.csv', ...args], { cwd: folder });

  it('writes a config that loads, with the part of every column', async () => {
    const { code, stdout } = await init('--target', 'intent', '--json');
    assert.equal(code, 0);
    const text = readFileSync(join(folder, 'assay.yaml'), 'utf8');
    const { name, dataset } = loadRunConfig(text, { path: 'assay.yaml' });
    assert.equal(name, 'tickets-2026');
    assert.deepEqual(dataset.columns, {
      ...{ id: 'ticket_id', target: 'intent', group: 'customer_id', time: 'opened' },
      ...{ text: ['body'], attributes: [], numeric: ['minutes'], categorical: [] },
    });
    assert.match(text, /left out: notes \(empty\)/);
    const told = JSON.parse(stdout) as { file: string; classes: Record<string, number> };
    assert.deepEqual(told.classes, { 'intent 0': 30, 'intent 1': 30, 'intent 2': 30 });
    assert.ok(existsSync(join(folder, '.assay/assay.schema.json')));
  });

  it('writes over nothing unless it is told to', async () => {
    const kept = readFileSync(join(folder, 'assay.yaml'), 'utf8');
    const { code, stderr } = await init('--target', 'intent');
    assert.equal(code, 2);
    assert.match(stderr, /assay\.yaml is there already[\s\S]*--force/);
    assert.equal(readFileSync(join(folder, 'assay.yaml'), 'utf8'), kept);
    assert.equal((await init('--target', 'intent', '--force', '--name', 'other')).code, 0);
    assert.match(readFileSync(join(folder, 'assay.yaml'), 'utf8'), /^name: other$/m);
  });

  it('tells of a table that is not there first, whatever is there already', async () => {
    writeFileSync(join(folder, 'there.yaml'), 'name: kept\n');
    const { code, stderr } = await assay(['init', 'Tickts.csv', '--out', 'there.yaml'], { cwd: folder });
    assert.equal(code, 1);
    assert.match(stderr, /no file .*Tickts\.csv/);
    assert.doesNotMatch(stderr, /there already/);
  });

  const refused = [
    { args: [], want: /which column is the label\? It may be .*intent/ },
    { args: ['--target', 'intnt'], want: /there is no column "intnt".*did you mean "intent"/ },
    {
      args: ['--target', 'intent', '--ignore', 'ticket_id,customer_id,body,minutes,notes,opened'],
      want: /no column is left to learn from/,
    },
    { args: ['--target', 'intent', '--name', 'Not A Name'], want: /name/ },
  ];
  for (const { args, want } of refused) {
    it(`says why it can't, and writes nothing: ${args.join(' ') || 'no target'}`, async () => {
      const { code, stderr } = await init(...args, '--out', 'none.yaml');
      assert.equal(code, 2);
      assert.match(stderr, want);
      assert.ok(!existsSync(join(folder, 'none.yaml')));
    });
  }

  it('says how to name the label where no column looks like one', async () => {
    writeFileSync(join(folder, 'plain.csv'), 'id,text\n1,a kettle\n2,a lamp\n');
    const { code, stderr } = await assay(['init', 'plain.csv', '--out', 'plain.yaml'], { cwd: folder });
    assert.equal(code, 2);
    assert.match(stderr, /None looks like one\s+next:\s+assay init plain\.csv --target COLUMN/);
  });

  it('names a table that is not there', async () => {
    const { code, stderr } = await assay(['init', 'none.csv', '--target', 'y'], { cwd: folder });
    assert.notEqual(code, 0);
    assert.match(stderr, /none\.csv/);
  });
});

describe('assay completion', () => {
  it('completes commands and options in a real bash', async () => {
    const { stdout } = await assay(['completion', 'bash']);
    const complete = (...words: string[]): string[] =>
      execFileSync(
        'bash',
        [
          '-c',
          `${stdout}\nCOMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _assay; printf '%s\\n' "\${COMPREPLY[@]}"`,
          'bash',
          ...words,
        ],
        { encoding: 'utf8' },
      )
        .split('\n')
        .filter(Boolean);
    assert.deepEqual(complete('assay', 'ini'), ['init']);
    assert.deepEqual(complete('assay', 'init', '--tar'), ['--target']);
    assert.ok(complete('assay', 'artifacts', '').includes('lineage'));
  });

  for (const shell of ['zsh', 'fish']) {
    it(`names every command to ${shell}`, async () => {
      const { stdout, code } = await assay(['completion', shell]);
      assert.equal(code, 0);
      for (const name of ['demo', 'init', 'retry', 'artifacts'])
        assert.match(stdout, new RegExp(`\\b${name}\\b`));
    });
  }

  it('refuses another shell with the ones that it knows', async () => {
    const { code, stderr } = await assay(['completion', 'tcsh']);
    assert.equal(code, 2);
    assert.match(stderr, /bash, zsh, fish/);
  });
});

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { seeded } from '../../core/random.js';
import { assay } from './process.js';

const WORDS = {
  refund: ['refund', 'money', 'return', 'charge', 'cancel', 'credit'],
  delivery: ['parcel', 'courier', 'late', 'tracking', 'address', 'shipped'],
  login: ['password', 'account', 'email', 'locked', 'signin', 'reset'],
} as const;
type Intent = keyof typeof WORDS;
const INTENTS = Object.keys(WORDS) as Intent[];
const ROWS = 360;
const isFlipped = (row: number): boolean => row % 30 === 7; // 12 rows of `delivery` that say `login`

/** Tickets of five words each; 12 labels flipped; row 20 is row 19 again, with another label. */
function tickets(): string {
  const random = seeded(11);
  const lines = Array.from({ length: ROWS }, (_, row) => {
    const truth = INTENTS[row % 3]!;
    const words = Array.from({ length: 5 }, () => WORDS[truth][random.below(6)]!);
    const given = isFlipped(row) ? INTENTS[(row + 1) % 3]! : truth;
    return [words.join(' '), given];
  });
  lines[20] = [lines[19]![0]!, lines[20]![1]!];
  return `body,intent\n${lines.map((line) => line.join(',')).join('\n')}\n,delivery\nno label,\n`;
}

interface Summary {
  readonly rows: number;
  readonly unusable: number;
  readonly columns: { readonly text: readonly string[] };
  readonly labelErrors: { readonly suspected: number; readonly worst: readonly Record<string, unknown>[] };
  readonly nearDuplicates: { readonly conflictingClusters: number };
}

describe('assay score', () => {
  let folder: string;
  let file: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'assay-score-test-'));
    file = join(folder, 'tickets.csv');
    writeFileSync(file, tickets());
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('finds flipped labels, with the line and the label that fits', async () => {
    const { code, stdout } = await assay(['score', file, '--target', 'intent', '--top', '20', '--json']);
    assert.equal(code, 0);
    const summary = JSON.parse(stdout) as Summary;
    assert.deepEqual(summary.columns.text, ['body']);
    assert.equal(summary.unusable, 1); // the row without a label
    const worst = summary.labelErrors.worst;
    const right = worst.filter(
      ({ line, suggested }) => isFlipped(Number(line) - 2) && suggested === 'delivery',
    );
    assert.ok(right.length >= 6, `${right.length} of 12 in ${JSON.stringify(worst)}`); // the header is line 1
    assert.ok(worst.length - right.length <= 1, 'row 20 says two things; no other row is suspected');
    assert.ok(summary.nearDuplicates.conflictingClusters >= 1);
  });

  it('finds as many by predictions that are made again, and by first ones where asked to', async () => {
    const found = async (refinements: string): Promise<number> => {
      const { stdout } = await assay([
        ...['score', file, '--target', 'intent', '--top', '20', '--refinements', refinements, '--json'],
      ]);
      const { worst } = (JSON.parse(stdout) as Summary).labelErrors;
      return worst.filter(({ line }) => isFlipped(Number(line) - 2)).length;
    };
    const [never, twice] = [await found('0'), await found('2')];
    assert.ok(never >= 6 && twice >= never, `${never} of 12 by first predictions, ${twice} by later ones`);
  });

  it('says the same twice, for people, and within a narrow terminal', async () => {
    const options = { env: { COLUMNS: '60' } };
    const [first, second] = [
      await assay(['score', file, '--target', 'intent'], options),
      await assay(['score', file, '--target', 'intent'], options),
    ];
    assert.equal(first.stdout, second.stdout);
    assert.match(first.stdout, /label errors/);
    assert.match(first.stderr, /columns by their content: target: intent; text: body/);
    assert.ok(first.stdout.split('\n').every((line) => line.length <= Math.max(60, file.length + 30)));
  });

  for (const ending of ['csv', 'jsonl', 'parquet']) {
    it(`writes every row with its scores as ${ending}`, async () => {
      const out = join(folder, `scores.${ending}`);
      const { code, stderr } = await assay([
        'score',
        file,
        '--target',
        'intent',
        '--text',
        'body',
        '--out',
        out,
      ]);
      assert.equal(code, 0, stderr);
      const bytes = readFileSync(out);
      if (ending === 'parquet') assert.equal(bytes.subarray(0, 4).toString(), 'PAR1');
      else assert.equal(bytes.toString().trim().split('\n').length, ROWS + 1 + Number(ending === 'csv'));
    });
  }

  const refusals = [
    { name: 'no target', args: [], code: 2, says: /which column is the label\? It may be intent/ },
    { name: 'an unknown column', args: ['--target', 'intend'], code: 2, says: /did you mean "intent"/ },
    {
      name: 'too many folds',
      args: ['--target', 'intent', '--folds', '1'],
      code: 2,
      says: /--folds: expected/,
    },
    {
      name: 'an output of unknown kind',
      args: ['--target', 'intent', '--out', 'x.xlsx'],
      code: 2,
      says: /\.csv, \.jsonl, \.parquet/,
    },
  ];
  for (const { name, args, code, says } of refusals) {
    it(`refuses ${name} and says what to type`, async () => {
      const spoken = await assay(['score', file, ...args]);
      assert.equal(spoken.code, code);
      assert.match(spoken.stderr, says);
    });
  }

  it('refuses a table with one class only', async () => {
    const single = join(folder, 'single.csv');
    writeFileSync(single, `body,intent\n${'parcel late,delivery\n'.repeat(9)}`);
    const spoken = await assay(['score', single, '--target', 'intent', '--text', 'body']);
    assert.notEqual(spoken.code, 0);
    assert.match(spoken.stderr, /at least two classes .*found only "delivery"/);
  });
});

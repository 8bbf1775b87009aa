import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { ingest } from '../../activities/ingest.js';
import { loadRunConfig } from '../../config/load.js';
import type { DatasetConfig } from '../../contracts/settings.js';
import { withConnection } from '../../storage/duckdb.js';
import { tableRows } from '../fakes/artifacts.js';
import { repositoryRoot } from '../paths.js';
import { openWorkplace, type Workplace } from './bothWays.js';

/** The settings of an example, with its files in another folder. */
async function exampleIn(folder: string, name: string): Promise<DatasetConfig> {
  const path = join(repositoryRoot, 'examples', name);
  const { dataset } = loadRunConfig(await readFile(path, 'utf8'), { path });
  return {
    ...dataset,
    source: join(folder, String(dataset.source)),
    joins: dataset.joins!.map((one) => ({ ...one, source: join(folder, String(one.source)) })),
  };
}

const tsv = (...rows: readonly (readonly (string | number)[])[]): string =>
  `${rows.map((cells) => cells.join('\t')).join('\n')}\n`;

describe('the published sets of search relevance, in files of their form', () => {
  let place: Workplace;
  before(async () => (place = await openWorkplace()));
  after(() => place.close());

  /** Rows in memory and by the database: the same. */
  async function rowsOf(dataset: DatasetConfig): Promise<Record<string, unknown>[]> {
    const { small, large } = place.contexts({});
    const job = { path: 'ingest', seed: 42, params: { dataset }, inputs: {} };
    const [one, other] = [await ingest.run(job, small), await ingest.run(job, large)];
    assert.equal(one.outputs['dataset']![0]!.sha256, other.outputs['dataset']![0]!.sha256);
    return tableRows(small.artifacts, one.outputs['dataset']![0]!);
  }

  it('WANDS: every grade has its query and its product', async () => {
    const folder = join(place.folder, 'WANDS', 'dataset');
    await mkdir(folder, { recursive: true });
    const columns = [
      'product_id',
      'product_name',
      'product_class',
      'category hierarchy',
      'product_description',
    ];
    const numbers = ['rating_count', 'average_rating', 'review_count'];
    await writeFile(
      join(folder, 'query.csv'),
      tsv(['query_id', 'query', 'query_class'], [0, 'salon chair', 'Massage Chairs'], [1, '12" cabinet', '']),
    );
    await writeFile(
      join(folder, 'product.csv'),
      tsv(
        [...columns, 'product_features', ...numbers],
        [
          5,
          'massage salon chair',
          'Massage Chairs',
          'Furniture / Chairs',
          'soft, "leather"',
          'a:b|c:d',
          15,
          4.5,
          9,
        ],
        [7, '"solid wood 12"" cabinet"', 'Cabinets|Storage', 'Furniture', '', 'a:b', '', '', ''],
      ),
    );
    await writeFile(
      join(folder, 'label.csv'),
      tsv(
        ['id', 'query_id', 'product_id', 'label'],
        [0, 0, 5, 'Exact'],
        [1, 0, 7, 'Irrelevant'],
        [2, 1, 7, 'Partial'],
      ),
    );
    const rows = await rowsOf(await exampleIn(place.folder, 'wands.yaml'));
    assert.deepEqual(
      rows.map(({ id, target, group, query, product_name }) => [id, target, group, query, product_name]),
      [
        ['0', 'Exact', '0', 'salon chair', 'massage salon chair'],
        ['1', 'Irrelevant', '0', 'salon chair', 'solid wood 12" cabinet'],
        ['2', 'Partial', '1', '12" cabinet', 'solid wood 12" cabinet'],
      ],
    );
    assert.equal(rows[0]!['split'], rows[1]!['split']); // a query is on one side
  });

  it('ESCI: the statement of the page takes task 1 in English, and grades get their products by two keys', async () => {
    const folder = join(place.folder, 'esci');
    await mkdir(folder, { recursive: true });
    const page = await readFile(join(repositoryRoot, 'docs/tasks/ranking.md'), 'utf8');
    const statement = /```sql\n(.*?)```/s.exec(page)![1]!;
    const inFolder = (sql: string): string => sql.replace(/'([a-z0-9_]+\.parquet)'/g, `'${folder}/$1'`);
    await withConnection(async (connection) => {
      await connection.run(
        inFolder(`COPY (SELECT i AS example_id, 'query ' || q AS query, q AS query_id, 'p' || i % 4 AS product_id,
          CASE WHEN i < 40 THEN 'us' ELSE 'es' END AS product_locale, 'ESCI'[1 + i % 4] AS esci_label,
          CASE WHEN i % 8 = 7 THEN 0 ELSE 1 END AS small_version, 1 AS large_version,
          CASE WHEN q < 15 THEN 'train' ELSE 'test' END AS split FROM (SELECT i, i // 2 AS q FROM range(50) t(i)))
          TO 'shopping_queries_dataset_examples.parquet'`),
      );
      await connection.run(
        inFolder(`COPY (SELECT 'p' || i AS product_id, 'title ' || i || l AS product_title, 'long' AS product_description,
          'points' AS product_bullet_point, 'brand' AS product_brand, NULL::VARCHAR AS product_color, l AS product_locale
          FROM range(4) t(i), (VALUES ('us'), ('es')) AS s(l)) TO 'shopping_queries_dataset_products.parquet'`),
      );
      await connection.run(inFolder(statement));
    });
    const rows = await rowsOf(await exampleIn(place.folder, 'esci.yaml'));
    assert.equal(rows.length, 35); // of 40 in English five are not of the small version
    for (const { id, group, split, target, product_title: title } of rows) {
      const [i, q] = [Number(id), Number(group)];
      assert.equal(title, `title ${i % 4}us`);
      assert.equal(target, 'ESCI'[i % 4]);
      assert.equal(split, q >= 15 ? 'test' : q % 10 === 0 ? 'validation' : 'train');
    }
  });
});

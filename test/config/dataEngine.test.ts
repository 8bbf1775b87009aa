import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { loadRunConfig } from '../../config/load.js';
import { sparkSettings } from '../../contracts/dataEngine.js';

const load = (engine: string, more = '') =>
  loadRunConfig(
    `name: shop\ndataEngine: ${engine}\ndataset:\n  source: a.csv\n  columns: { target: y, text: [t], group: g }\n${more}`,
    { path: 'assay.yaml' },
  );

describe('dataEngine of assay.yaml', () => {
  it("is the worker's own database, or Spark on its machine where nothing more is said", () => {
    assert.equal(sparkSettings(load('duckdb').dataEngine), undefined);
    assert.deepEqual(sparkSettings(load('spark').dataEngine), { name: 'spark', master: 'local[*]' });
  });

  it('takes a cluster with a folder that all see', () => {
    const given =
      '{ name: spark, master: "k8s://https://10.0.0.1:6443", directory: /shared, executors: 4, executorMemory: 8g }';
    assert.equal(sparkSettings(load(given).dataEngine)?.executors, 4);
  });

  const refused: [name: string, engine: string, says: RegExp, more?: string][] = [
    ['an engine that is none', 'sparks', /dataEngine/],
    [
      'a master that is none',
      '{ name: spark, master: "mesos://a" }',
      /expected local\[\*\], local\[4\], yarn, spark:/,
    ],
    ['options of a command line', '{ name: spark, master: "local[2] --conf a=b" }', /expected local\[\*\]/],
    ['settings that it does not know', '{ name: spark, conf: { spark.jars: a } }', /conf/],
    [
      'a cluster without a folder',
      '{ name: spark, master: yarn }',
      /dataEngine\.master: .*needs dataEngine\.directory/,
    ],
    [
      'executors where Spark is local',
      '{ name: spark, executors: 2 }',
      /dataEngine\.executors: .*set driverMemory/,
    ],
    ['memory without a unit', '{ name: spark, driverMemory: "8" }', /such as 512m or 8g/],
    [
      'a pattern without an equal',
      'spark',
      /clean\.irrelevant\.0\.value: dataEngine spark has nothing like \\p in patterns/,
      'clean:\n  irrelevant: [{ column: t, op: matches, value: "\\\\p{L}" }]\n',
    ],
    [
      'groups that are split stratified',
      'spark',
      /dataset\.split\.by: dataEngine spark does not split stratified with groups; take hash/,
      '  split: { by: stratified }\n',
    ],
  ];
  for (const [name, engine, says, more] of refused) {
    it(`refuses ${name}`, () => assert.throws(() => load(engine, more), says));
  }
});

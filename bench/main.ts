/** `npm run bench`: lists the benchmarks; `npm run bench -- NAME [ARGUMENTS]` runs one of them in a process of its own. */
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';

interface Bench {
  readonly measures: string;
  /** Environment variables that it needs. */
  readonly needs: readonly string[];
  readonly page?: string;
  /** Compiled code where start-up times count; else the source, which has the Python side beside it. */
  readonly runs: 'source' | 'compiled';
}

const DATA = 'ASSAY_DATA_DIR';
const PYTHON = 'ASSAY_PYTHON';
const BENCHES: Readonly<Record<string, Bench>> = {
  agreement: {
    measures: 'weights by how many annotators agreed, in financial sentiment',
    needs: [DATA],
    page: 'docs/tasks/classification.md',
    runs: 'source',
  },
  baselines: {
    measures: 'accuracy of the linear model beside the published baselines',
    needs: [DATA],
    page: 'docs/benchmarks/linear.md',
    runs: 'source',
  },
  importance: {
    measures: 'importance estimators and boosted trees, beside numpy, scikit-learn and LightGBM',
    needs: [PYTHON],
    page: 'docs/trees.md',
    runs: 'compiled',
  },
  clicks: {
    measures: 'learning from clicks with position bias and bots',
    needs: [DATA],
    page: 'docs/tasks/ctr.md',
    runs: 'source',
  },
  engine: {
    measures: 'training and running networks, beside Keras and PyTorch (an hour)',
    needs: [PYTHON],
    page: 'docs/benchmarks/engine.md',
    runs: 'source',
  },
  hashedWords: {
    measures: 'accuracy on hashed words, beside TF-IDF',
    needs: [DATA],
    page: 'docs/features.md',
    runs: 'source',
  },
  linear: {
    measures: 'fitting linear models, beside scikit-learn',
    needs: [DATA, PYTHON],
    page: 'docs/benchmarks/linear.md',
    runs: 'compiled',
  },
  recipeTable: {
    measures: 'quality of the recipes, beside scikit-learn on the same rows',
    needs: [DATA, PYTHON],
    page: 'docs/recipes.md',
    runs: 'source',
  },
  orchestration: {
    measures: 'what durability costs a run',
    needs: [],
    page: 'docs/benchmarks/orchestration.md',
    runs: 'compiled',
  },
  orchestrationPeers: {
    measures: 'the same steps on Metaflow, Prefect and Dagster',
    needs: [PYTHON],
    page: 'docs/benchmarks/orchestration.md',
    runs: 'compiled',
  },
  dataplane: {
    measures: 'ingest, clean and split of large tables, beside pandas and Polars',
    needs: [PYTHON],
    page: 'docs/benchmarks/dataplane.md',
    runs: 'compiled',
  },
  featureShares: {
    measures: 'features of a large table by one activity, and in shares by two at once',
    needs: [],
    page: 'docs/scale.md',
    runs: 'compiled',
  },
  spark: {
    measures: 'the plan of tables on Spark in local mode, beside the worker itself (Linux)',
    needs: [],
    page: 'docs/benchmarks/dataplane.md',
    runs: 'compiled',
  },
  outOfMemory: {
    measures: 'features and linear fits of tables larger than memory',
    needs: [],
    page: 'docs/scale.md',
    runs: 'source',
  },
  parquet: {
    measures: 'writing and reading Parquet, beside pyarrow',
    needs: [PYTHON],
    page: 'docs/benchmarks/dataplane.md',
    runs: 'compiled',
  },
  recipes: {
    measures: 'quality of the recipes of search ranking and product matching',
    needs: [DATA],
    page: 'docs/recipes.md',
    runs: 'source',
  },
  recovery: {
    measures: 'how much of the quality that label noise costs is won back (hours)',
    needs: [DATA],
    page: 'docs/benchmarks/recovery.md',
    runs: 'source',
  },
  drift: {
    measures: 'whether adapting pays, on simulated streams of sudden, gradual and recurring drift',
    needs: [],
    page: 'docs/benchmarks/drift.md',
    runs: 'source',
  },
  relabel: {
    measures: 'what checking the most suspicious labels by hand brings',
    needs: [DATA],
    page: 'docs/benchmarks/relabel.md',
    runs: 'source',
  },
  serving: {
    measures: 'single predictions a second over HTTP, and promotions under load',
    needs: [],
    page: 'docs/serving.md',
    runs: 'compiled',
  },
  scale: {
    measures: 'what an activity costs the Temporal server and the store',
    needs: [],
    page: 'docs/scale.md',
    runs: 'compiled',
  },
  storage: {
    measures: 'the store at its limits: large and many objects, killed and racing writers',
    needs: [],
    page: 'docs/benchmarks/storage.md',
    runs: 'source',
  },
  swarm: {
    measures: 'two hundred small runs at once on one worker',
    needs: [],
    page: 'docs/benchmarks/orchestration.md',
    runs: 'source',
  },
  tfidf: {
    measures: 'TF-IDF, beside scikit-learn',
    needs: [DATA, PYTHON],
    page: 'docs/benchmarks/tfidf.md',
    runs: 'source',
  },
  tfidfStream: {
    measures: 'TF-IDF of texts that are not kept in memory, beside scikit-learn',
    needs: [PYTHON],
    page: 'docs/benchmarks/tfidf.md',
    runs: 'compiled',
  },
};
const EXIT_USAGE = 2;

const root = resolve(import.meta.dirname, import.meta.url.endsWith('.ts') ? '..' : '../..');

function overview(): string {
  const width = Math.max(...Object.keys(BENCHES).map((name) => name.length));
  const lines = Object.entries(BENCHES).flatMap(([name, { measures, needs, page }]) => [
    `  ${name.padEnd(width)}  ${measures}`,
    ...(needs.length > 0 ? [`  ${' '.repeat(width)}  needs ${needs.join(' and ')}`] : []),
    ...(page === undefined ? [] : [`  ${' '.repeat(width)}  figures so far: ${page}`]),
  ]);
  const how =
    'Usage: npm run bench -- NAME [ARGUMENTS]\n\nOne at a time, on a machine that does nothing else.';
  return [how, '', ...lines, ''].join('\n');
}

function refusal(name: string): string | undefined {
  const bench = BENCHES[name];
  if (bench === undefined)
    return `there is no benchmark "${name}"; expected one of ${Object.keys(BENCHES).join(', ')}`;
  const missing = bench.needs.filter((variable) => (process.env[variable] ?? '') === '');
  return missing.length === 0
    ? undefined
    : `${name} needs ${missing.join(' and ')}: ${DATA} is the folder of the data sets, ${PYTHON} a Python with scikit-learn (engine: tensorflow and torch; orchestrationPeers: metaflow, prefect, dagster)`;
}

function main([name, ...more]: readonly string[]): number {
  if (name === undefined || name === '--help' || name === '-h') {
    process.stdout.write(overview());
    return 0;
  }
  const refused = refusal(name);
  if (refused !== undefined) {
    process.stderr.write(`error ${refused}\n`);
    return EXIT_USAGE;
  }
  const entry =
    BENCHES[name]?.runs === 'compiled'
      ? [resolve(root, `dist/bench/${name}.js`)]
      : ['--import', 'tsx', resolve(root, `bench/${name}.ts`)];
  const { status, error } = spawnSync(process.execPath, [...entry, ...more], { cwd: root, stdio: 'inherit' });
  if (error) throw error;
  return status ?? 1;
}

process.exitCode = main(process.argv.slice(2));

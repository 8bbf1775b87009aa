import { basename, extname } from 'node:path';
import { stat } from 'node:fs/promises';
import { formatOf, readSource } from '../../activities/readSource.js';
import { DataError } from '../../contracts/errors.js';
import { count, percent } from '../../report/format.js';
import { ensembleOf } from '../../serving/ensemble.js';
import { PartFiles } from '../../serving/partFiles.js';
import { predictFile, type Predicted } from '../../serving/predictFile.js';
import { loadServedModel } from '../../serving/servedModel.js';
import { action, withExamples, type CommandModule } from '../command.js';
import { CliError, EXIT } from '../exit.js';
import { untilInterrupted } from '../follow.js';
import { chooseModel, MODEL_HELP, openModels } from '../models/chosen.js';
import { modelSource } from '../models/engine.js';
import { weightedModels, withEnsemble, type EnsembleOptions } from '../models/ensemble.js';
import { wholeNumber } from '../numbers.js';
import { stepProgress } from '../stepProgress.js';
import { factLines } from '../table.js';
import type { CommonOptions, Terminal } from '../terminal.js';
import { withUserFiles } from '../userFiles.js';

interface PredictOptions extends CommonOptions, EnsembleOptions {
  readonly out?: string;
  readonly probabilities?: boolean;
  readonly overwrite?: boolean;
  readonly shardRows: string;
}

/** `assay predict MODEL INPUT` */
export const predict: CommandModule = {
  define: (command) => {
    withEnsemble(
      withExamples(command, [
        'assay predict catalogue products.csv',
        'assay predict catalogue@3 s3://bucket/products.parquet --out labelled.parquet --probabilities',
        'assay predict catalogue products.csv --weight 0.7 --with other@2=0.3',
      ]),
    )
      .argument('<model>', MODEL_HELP)
      .argument('<input>', 'a table: CSV, TSV, JSONL (gzip or not) or Parquet; the output has its format')
      .option('-o, --out <file>', 'where to; default: NAME.predicted.ENDING beside you')
      .option('--probabilities', 'also the probability of every class, a column each')
      .option('--overwrite', 'replace the output')
      .option('--shard-rows <n>', 'at most so many rows are done again after an interruption', '20000')
      .addHelpText(
        'after',
        '\nInterrupted, the same command goes on. Rows that can’t be read go to OUT.quarantine.jsonl. Rows are clipped and\n' +
          'filled as in training; rows that cleaning would have dropped are answered too. A model that compares the rows of a\n' +
          'query reads its column too; rows of one query have to stand together.',
      )
      .action(action<PredictOptions>(predictTable));
  },
};

async function predictTable(
  [wanted = '', input = '']: readonly string[],
  options: PredictOptions,
  terminal: Terminal,
): Promise<number> {
  const opened = await openModels();
  const members = await Promise.all(
    weightedModels(wanted, options).map(async ({ model, weight }) => ({
      version: (await chooseModel(opened, model)).model,
      weight,
    })),
  );
  const shardRows = wholeNumber('--shard-rows', options.shardRows, 1);
  const bar = stepProgress(terminal, 'predicting');
  try {
    return await withUserFiles(async (sources) => {
      const [file, ...more] = await sources.resolve([input]);
      if (!file || more.length > 0)
        throw new DataError(`${input}: expected one file, found ${more.length + (file ? 1 : 0)}`);
      const format = formatOf(file.uri);
      const out = options.out ?? defaultOut(file.uri);
      const changed = await stat(input).then(
        ({ mtimeMs }) => mtimeMs,
        () => 0,
      );
      const source = modelSource(opened.artifacts);
      const models = await Promise.all(members.map(({ version }) => loadServedModel(version, source)));
      const answerer = ensembleOf(models.map((model, i) => ({ model, weight: members[i]!.weight })));
      const task = {
        model: answerer.name,
        ...{ input: file.uri, sizeBytes: file.sizeBytes, changed, shardRows },
        probabilities: options.probabilities ?? false,
      };
      const parts = await PartFiles.open(out, formatOf(out), task, options.overwrite ?? false);
      let bytes = 0;
      const done = await untilInterrupted((signal) =>
        predictFile({
          ...{ answerer, parts, shardRows, signal, where: input, isLoose: format === 'jsonl' },
          blocks: readSource(file, sources, {
            format,
            encoding: 'utf-8',
            received: (more) => (bytes += more),
          }),
          allProbabilities: options.probabilities ?? false,
          target: members[0]!.version.columns.target,
          progress: () =>
            bar.update({
              done: Math.min(bytes, file.sizeBytes),
              total: Math.max(1, file.sizeBytes),
              unit: 'bytes',
            }),
        }),
      );
      bar.stop();
      tell(done, task.model, parts, terminal);
      return EXIT.ok;
    });
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'AbortError') throw error;
    throw new CliError('interrupted; what is done is kept', EXIT.interrupted, [
      `assay predict ${[wanted, input, ...withOthers(options)].join(' ')}    goes on`,
    ]);
  } finally {
    bar.stop();
  }
}

/** The options that named the ensemble, to be typed again. */
const withOthers = ({ with: others, weight }: EnsembleOptions): string[] =>
  others.length === 0 ? [] : ['--weight', weight, ...others.flatMap((one) => ['--with', one])];

/** `products.csv.gz` → `products.predicted.csv`, in the working directory. */
function defaultOut(uri: string): string {
  const name = basename(uri).replace(/\.gz$/, '');
  const ending = extname(name);
  return `${basename(name, ending)}.predicted${ending}`;
}

function tell(done: Predicted, model: string, { out, quarantine }: PartFiles, terminal: Terminal): void {
  const { predicted, quarantined, judged, resumedShards, shards } = done;
  terminal.json({ model, out, ...done, quarantine: quarantined > 0 ? quarantine : null });
  const facts: [string, string][] = [
    ['model', model],
    ['rows', `${count(predicted)} answered${quarantined > 0 ? `, ${count(quarantined)} in quarantine` : ''}`],
    ['output', out],
  ];
  if (quarantined > 0) facts.push(['quarantine', quarantine]);
  if (resumedShards > 0)
    facts.push(['resumed', `${count(resumedShards)} of ${count(shards)} shards were there`]);
  if (judged) {
    const unknown = Object.entries(judged.unknown);
    if (judged.known > 0)
      facts.push([
        'right',
        `${percent(judged.right / judged.known, 1)} of ${count(judged.known)} rows that have a label`,
      ]);
    if (unknown.length > 0) {
      const list = unknown
        .slice(0, 5)
        .map(([label, rows]) => `${label} (${count(rows)})`)
        .join(', ');
      facts.push(['beware', `labels that the model doesn't know: ${list}${unknown.length > 5 ? ' …' : ''}`]);
    }
  }
  for (const line of factLines(facts, terminal)) terminal.line(line);
}

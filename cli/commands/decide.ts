import { Option } from 'commander';
import { ARMS, HELD_OUT, modelPair, type Arm, type ModelPair } from '../../activities/decideRun.js';
import { readAnswers } from '../../activities/readAnswers.js';
import { tracedSamples, type RunTrace } from '../../activities/runTrace.js';
import { worksheet } from '../../activities/worksheet.js';
import { verdictOf, type Verdict } from '../../core/decide/estimate.js';
import { blindQuestions, planVerification, type PlannedStratum } from '../../core/decide/plan.js';
import { refuseUnknownId } from '../../core/relabel/answers.js';
import { withUserFiles } from '../userFiles.js';
import { action, withExamples, withServer, type CommandModule } from '../command.js';
import { planLines, verdictLines } from '../decideText.js';
import { directories, type Directories } from '../directories.js';
import { EXIT } from '../exit.js';
import { wholeNumber } from '../numbers.js';
import type { ServerOptions } from '../server.js';
import type { CommonOptions, Terminal } from '../terminal.js';
import { tracedRun } from '../tracedRun.js';
import { refuseBoth, writeWorksheet } from '../worksheetFile.js';

interface DecideOptions extends CommonOptions, ServerOptions {
  readonly verify: string;
  readonly against: string;
  readonly split: (typeof HELD_OUT)[number];
  readonly seed: string;
  readonly out?: string;
  readonly answers?: string;
}

/** `assay decide RUN --verify N` */
export const decide: CommandModule = {
  define: (command) => {
    withExamples(withServer(command), [
      'assay decide catalogue --verify 100 --out check.csv',
      'assay decide catalogue --verify 100 --answers check.csv',
      'assay decide catalogue --verify 60 --against train/catalogue/20261120-070000',
    ])
      .argument('<run>', 'id, end of an id, or name')
      .requiredOption('--verify <n>', 'how many true labels you can get')
      .option(
        '--against <run or model>',
        'another run over the same data, or uniform | weighted | shuffled',
        'uniform',
      )
      .addOption(
        new Option('--split <side>', 'held-out rows to check').choices(HELD_OUT).default('validation'),
      )
      .option('--seed <n>', 'of the sample', '42')
      .option('-o, --out <file>', 'the worksheet: .csv, .jsonl or .parquet')
      .option('--answers <file>', 'the worksheet, filled in, with the options that it was made with')
      .action(action<DecideOptions>(decideRun));
  },
};

async function decideRun(
  [wanted = '']: readonly string[],
  options: DecideOptions,
  terminal: Terminal,
): Promise<number> {
  refuseBoth(options.out, options.answers);
  const budget = wholeNumber('--verify', options.verify, 1);
  const seed = wholeNumber('--seed', options.seed, 0);
  const where = directories();
  const trace = await tracedRun(where, wanted, options);
  const { first, second, names } = await opponents(where, trace, options);
  const pair = await modelPair(first, second, options.split);
  const strata = planVerification(pair.pool, budget, seed);
  const verdict =
    options.answers === undefined ? undefined : await verdictFrom(options.answers, pair, strata);
  const path = verdict ? undefined : await writeQuestions(trace, pair, strata, { ...options, seed, where });
  const title = `${names[1]} against ${names[0]} on ${options.split} rows of ${trace.runId}`;
  terminal.json({
    ...{ runId: trace.runId, first: names[0], second: names[1], split: options.split, seed },
    strata: strata.map(({ name, size, asked }) => ({ name, rows: size, asked: asked.length })),
    ...(verdict ?? { worksheet: path }),
  });
  const lines = planLines(strata, { title, leftOut: pair.leftOut }, verdict?.answered, terminal);
  for (const line of lines) terminal.line(line);
  if (verdict) {
    const { alpha } = trace.config.loop;
    for (const line of verdictLines(verdict, names, alpha, terminal)) terminal.line(line);
    return EXIT.ok;
  }
  terminal.line(`\nworksheet: ${path}`);
  terminal.aside('Fill in true_label, then type the same with the answers:');
  terminal.aside(`  ${again(wanted, options)} --answers ${path}`);
  return EXIT.ok;
}

const again = (wanted: string, { verify, against, split, seed }: DecideOptions): string =>
  [
    `assay decide ${wanted} --verify ${verify}`,
    against === 'uniform' ? '' : ` --against ${against}`,
    split === 'validation' ? '' : ` --split ${split}`,
    seed === '42' ? '' : ` --seed ${seed}`,
  ].join('');

interface Opponents {
  readonly first: { readonly trace: RunTrace; readonly arm: Arm };
  readonly second: { readonly trace: RunTrace; readonly arm: Arm };
  readonly names: readonly [first: string, second: string];
}

/** The run's own model is the second; against its weighted model stands its uniform one. */
async function opponents(where: Directories, trace: RunTrace, options: DecideOptions): Promise<Opponents> {
  const arm = ARMS.find((name) => name === options.against);
  if (arm !== undefined) {
    const own = arm === 'weighted' ? 'uniform' : 'weighted';
    return { first: { trace, arm }, second: { trace, arm: own }, names: [arm, own] };
  }
  const other = await tracedRun(where, options.against, options);
  return {
    first: { trace: other, arm: 'weighted' },
    second: { trace, arm: 'weighted' },
    names: [other, trace].map(({ runId }) => runId.split('/').at(-1)!) as [string, string],
  };
}

async function writeQuestions(
  trace: RunTrace,
  pair: ModelPair,
  strata: readonly PlannedStratum[],
  { out, seed, where }: { readonly out?: string; readonly seed: number; readonly where: Directories },
): Promise<string> {
  const questions = blindQuestions(strata, pair.pool, pair.nextBest, seed);
  const samples = await tracedSamples(trace);
  const rowOf = new Map(samples.ids.map((id, row) => [id, row]));
  const rows = Int32Array.from(questions, ({ position }) => rowOf.get(pair.ids[position]!)!);
  const label = (code: number): string => pair.classes[code] ?? '';
  const sheet = await worksheet(trace, rows, [
    ['option_1', questions.map(({ options }) => label(options[0]))],
    ['option_2', questions.map(({ options }) => label(options[1]))],
  ]);
  return writeWorksheet(sheet, out, where, { command: 'decide', runId: trace.runId });
}

async function verdictFrom(
  file: string,
  { ids, classes, pool }: ModelPair,
  strata: readonly PlannedStratum[],
): Promise<Verdict> {
  const position = new Map(ids.map((id, at) => [id, at]));
  const asked = new Set(strata.flatMap((stratum) => [...stratum.asked]));
  const refuseId = (id: string): string | undefined => {
    const at = position.get(id);
    if (at === undefined) return refuseUnknownId(id, ids);
    return asked.has(at)
      ? undefined
      : `"${id}" was not asked for: give --verify, --split, --against and --seed as the worksheet was made with`;
  };
  const answers = await withUserFiles((sources) => readAnswers(file, sources, { refuseId, labels: classes }));
  const truth = [...answers].map(([id, { label }]) => [position.get(id)!, classes.indexOf(label)] as const);
  return verdictOf(strata, pool, new Map(truth));
}

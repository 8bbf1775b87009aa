import { userInfo } from 'node:os';
import { WithStartWorkflowOperation } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { RunConfig } from '../../config/runConfig.js';
import { AdaptRule, type NewRows } from '../../contracts/adapt.js';
import { ADAPT_UPDATE, ADAPT_WORKFLOW, TASK_QUEUE } from '../../contracts/names.js';
import type { Figures } from '../../contracts/stage.js';
import type { adapt as adaptWorkflow, AdaptInput } from '../../workflows/adapt.js';
import { action, withExamples, withServer, type CommandModule } from '../command.js';
import { absoluteSource } from '../directories.js';
import { CliError, EXIT } from '../exit.js';
import { chooseModel, openModels } from '../models/chosen.js';
import { withServerOpen, type Server, type ServerOptions } from '../server.js';
import type { CommonOptions, Terminal } from '../terminal.js';

interface AdaptOptions extends CommonOptions, ServerOptions {
  readonly data: string;
  readonly by?: string;
  readonly onlyNew?: boolean;
  readonly minGain?: string;
  readonly minDrop?: string;
  readonly minShift?: string;
  readonly replay?: string;
}

/** `assay adapt MODEL --data FILE` */
export const adapt: CommandModule = {
  define: (command) => {
    withExamples(withServer(command), [
      'assay adapt catalogue --data new.csv',
      'assay adapt catalogue --data "s3://shop/labels/2026-*.parquet" --min-gain 0.01',
    ])
      .argument('<model>', 'name of a registered model with a champion')
      .requiredOption('-d, --data <files>', 'new labelled rows: path, glob or URI, columns as in training')
      .option('--min-gain <share>', 'least expected gain of accuracy')
      .option('--min-drop <share>', 'loss of accuracy on new rows that is looked into')
      .option('--min-shift <psi>', 'shift of a column, beyond chance, that is looked into')
      .option('--replay <ratio>', 'remembered rows beside each new one')
      .option('--only-new', 'leave out rows that the champion has learned; where too few are left, it stays')
      .option('--by <name>', 'who says so (else your user name)')
      .action(action<AdaptOptions>(adaptModel));
  },
};

async function adaptModel(
  [wanted = '']: readonly string[],
  options: AdaptOptions,
  terminal: Terminal,
): Promise<number> {
  const { model } = await chooseModel(await openModels(), wanted);
  const told = RunConfig.pick({ dataset: true, seed: true, notify: true }).parse(
    pickOf(model.config, ['dataset', 'seed', 'notify']),
  );
  const input: AdaptInput = { config: { name: model.name, ...told, rule: ruleOf(options) } };
  const rows: NewRows = {
    source: absoluteSource(options.data),
    by: options.by ?? userInfo().username,
    ...(options.onlyNew ? { onlyNew: true } : {}),
  };
  return withServerOpen(options, async (server) => {
    const figures = await send(server, input, rows);
    terminal.json({ model: model.name, ...figures });
    terminal.line(sentence(model.name, figures));
    return EXIT.ok;
  });
}

const pickOf = (config: unknown, keys: readonly string[]): object =>
  Object.fromEntries(Object.entries(config as object).filter(([key]) => keys.includes(key)));

/** @throws CliError naming the option that is no number, or out of range */
function ruleOf({ minGain, minDrop, minShift, replay }: AdaptOptions): AdaptRule {
  const given = { minGain, minDrop, minShift, replayRatio: replay };
  const numbers = Object.entries(given).flatMap(([key, text]) =>
    text === undefined ? [] : [[key, Number(text)] as const],
  );
  const parsed = AdaptRule.safeParse(Object.fromEntries(numbers));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new CliError(
    `--${optionOf(String(issue?.path[0]))}: ${issue?.message ?? 'not a number'}`,
    EXIT.usage,
  );
}

const optionOf = (key: string): string =>
  key === 'replayRatio' ? 'replay' : key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** Sends the rows to the model's workflow, which is started where it isn't there. */
async function send(server: Server, input: AdaptInput, rows: NewRows): Promise<Figures> {
  const { name } = input.config;
  const startWorkflowOperation = new WithStartWorkflowOperation(ADAPT_WORKFLOW, {
    args: [input],
    workflowId: `${ADAPT_WORKFLOW}/${name}`,
    taskQueue: TASK_QUEUE.workflow,
    workflowIdConflictPolicy: 'USE_EXISTING',
    staticSummary: `${name}: adapts to new rows`,
  });
  try {
    return await server.client.workflow.executeUpdateWithStart<typeof adaptWorkflow, Figures, [NewRows]>(
      ADAPT_UPDATE,
      {
        args: [rows],
        startWorkflowOperation,
      },
    );
  } catch (error) {
    const { cause } = error as Error;
    if (cause instanceof ApplicationFailure) throw new CliError(cause.message, EXIT.failed);
    throw error;
  }
}

function sentence(name: string, figures: Figures): string {
  const { action: done, reason, registered, champion } = figures;
  const what = done === 'promoted' ? `went on to ${String(registered)}` : `stays ${String(champion ?? name)}`;
  return `${name} ${what}: ${String(reason)}`;
}

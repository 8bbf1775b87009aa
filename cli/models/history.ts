import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { instant } from '../../report/format.js';
import { action, withExamples, type CommandModule } from '../command.js';
import { CliError, EXIT } from '../exit.js';
import { tableLines } from '../table.js';
import type { CommonOptions, Terminal } from '../terminal.js';
import { chooseModel, chooseName, MODEL_HELP, openModels } from './chosen.js';

interface HistoryOptions extends CommonOptions {
  readonly at?: string;
}

/** `assay models history NAME` */
export const historyCommand: CommandModule = {
  define: (command) => {
    withExamples(command, [
      'assay models history catalogue',
      'assay models history catalogue --at 2026-11-01',
    ])
      .argument('<name>', 'of the model')
      .option('--at <time>', 'which version held each alias then (ISO 8601)')
      .action(action<HistoryOptions>(history));
  },
};

async function history(
  [wanted = '']: readonly string[],
  { at }: HistoryOptions,
  terminal: Terminal,
): Promise<number> {
  const opened = await openModels();
  const name = await chooseName(opened, wanted);
  const until = at === undefined ? Infinity : Date.parse(at);
  if (Number.isNaN(until)) {
    throw new CliError(
      `--at: expected a time such as 2026-11-01 or 2026-11-01T12:00Z, got "${at!}"`,
      EXIT.usage,
    );
  }
  const moves = (await opened.registry.moves(name)).filter((move) => Date.parse(move.at) <= until);
  const asked = at === undefined ? moves : [...new Map(moves.map((move) => [move.alias, move])).values()];
  terminal.json(asked.map((move) => ({ name, ...move })));
  if (asked.length === 0)
    terminal.line(`No alias of ${name} has ever moved${at === undefined ? '' : ' by then'}.`);
  const headings = ['when', 'alias', 'version', 'how', 'by', 'why'].map((head, i) => ({
    head,
    numeric: i === 2,
  }));
  const rows = [...asked]
    .reverse()
    .map((move) => [
      instant(Date.parse(move.at)).slice(0, 19),
      move.alias,
      String(move.version),
      move.action,
      move.by,
      move.why,
    ]);
  if (rows.length > 0) for (const line of tableLines(headings, rows, terminal)) terminal.line(line);
  return EXIT.ok;
}

interface CardOptions extends CommonOptions {
  readonly out?: string;
}

/** `assay models card MODEL` */
export const cardCommand: CommandModule = {
  define: (command) => {
    withExamples(command, ['assay models card catalogue', 'assay models card catalogue@2 --out CARD.md'])
      .argument('<model>', `${MODEL_HELP}; a name without champion: its newest version`)
      .option('-o, --out <file>', 'write it to this file')
      .action(action<CardOptions>(card));
  },
};

async function card(
  [wanted = '']: readonly string[],
  { out }: CardOptions,
  terminal: Terminal,
): Promise<number> {
  const opened = await openModels();
  const { model } = await chooseModel(opened, wanted, 'newest');
  const body = new TextDecoder().decode(await opened.artifacts.readBlob(model.artifacts.card));
  const text = `# Model card: ${model.name}@${model.version}\n\n${body}`;
  const path = out === undefined ? undefined : resolve(out);
  if (path !== undefined) writeFileSync(path, text);
  terminal.json({
    model: `${model.name}@${model.version}`,
    card: text,
    ...(path === undefined ? {} : { path }),
  });
  terminal.line(path ?? text.trimEnd());
  return EXIT.ok;
}

import { userInfo } from 'node:os';
import { CHAMPION, type AliasMove } from '../../contracts/registry.js';
import { action, withExamples, type CommandModule } from '../command.js';
import { CliError, EXIT } from '../exit.js';
import { wholeNumber } from '../numbers.js';
import type { CommonOptions, Terminal } from '../terminal.js';
import { chooseModel, chooseName, MODEL_HELP, openModels, type OpenedModels } from './chosen.js';

interface MoveOptions extends CommonOptions {
  readonly why: string;
  readonly by?: string;
  readonly alias: string;
}

const ALIAS = /^[a-z][a-z0-9_.-]{0,62}$/;

const withMove = (command: Parameters<CommandModule['define']>[0]) =>
  command
    .requiredOption('--why <text>', 'why; kept in the history')
    .option('--by <name>', 'who says so (else your user name)')
    .option('--alias <alias>', 'which alias to move', CHAMPION);

/** `assay models promote MODEL --why TEXT` */
export const promoteCommand: CommandModule = {
  define: (command) => {
    withMove(
      withExamples(command, [
        'assay models promote catalogue@3 --why "better on rugs, checked by hand"',
        'assay models promote catalogue@4 --alias canary --why "one week of shadow traffic"',
        'assay models promote catalogue@5 --force --why "the margin was set too tight"',
      ]).argument('<model>', MODEL_HELP),
    )
      .option('--force', 'also a version that the gate refused')
      .action(action<MoveOptions & { readonly force?: boolean }>(promote));
  },
};

async function promote(
  [wanted = '']: readonly string[],
  options: MoveOptions & { readonly force?: boolean },
  terminal: Terminal,
): Promise<number> {
  checkAlias(options.alias);
  const opened = await openModels();
  const { model } = await chooseModel(opened, wanted, 'newest');
  const { name, version, gate, artifacts } = model;
  if (gate?.promoted === false && options.alias === CHAMPION && !options.force) {
    throw new CliError(`the gate refused ${name}@${version}: ${gate.reason}`, EXIT.failed, [
      `assay models card ${name}@${version}`,
      `assay models promote ${name}@${version} --force --why "…"    against the gate`,
    ]);
  }
  if (!(await opened.artifacts.verify(artifacts.weights))) {
    throw new CliError(`the weights of ${name}@${version} are gone from the store`, EXIT.notFound, [
      `assay models list ${name}`,
    ]);
  }
  return tell(await moved(opened, name, version, 'promote', options), name, terminal);
}

/** `assay models rollback NAME [--to VERSION] --why TEXT` */
export const rollbackCommand: CommandModule = {
  define: (command) => {
    withMove(
      withExamples(command, [
        'assay models rollback catalogue --why "answers null for rugs"',
        'assay models rollback catalogue --to 2 --why "the last one that was fine"',
      ]).argument('<name>', 'of the model'),
    )
      .option('--to <version>', 'a version that held the alias before; else the one before the present')
      .action(action<MoveOptions & { readonly to?: string }>(rollback));
  },
};

async function rollback(
  [wanted = '']: readonly string[],
  options: MoveOptions & { readonly to?: string },
  terminal: Terminal,
): Promise<number> {
  const opened = await openModels();
  const name = await chooseName(opened, wanted);
  const moves = (await opened.registry.moves(name)).filter(({ alias }) => alias === options.alias);
  const to = options.to === undefined ? undefined : wholeNumber('--to', options.to, 1);
  const version = versionBefore(moves, to);
  if (version === undefined) {
    const held = [...new Set(moves.map((move) => move.version))].join(', ') || 'none';
    const which =
      to === undefined
        ? `nothing was ${options.alias} of ${name} before`
        : `${name}@${to} was never ${options.alias}`;
    throw new CliError(`${which}; versions that were: ${held}`, EXIT.notFound, [
      `assay models history ${name}`,
    ]);
  }
  return tell(await moved(opened, name, version, 'rollback', options), name, terminal);
}

/**
 * Where a rollback leads: a second one goes one further back, not to what was just rolled back from.
 *
 * @param moves of one alias, oldest first
 * @param to the version that is wanted; without it the holder before the present one
 */
export function versionBefore(
  moves: readonly Pick<AliasMove, 'version' | 'action'>[],
  to?: number,
): number | undefined {
  const stack: number[] = []; // versions in the order that they were made the holder, those rolled back taken off
  for (const { version, action: how } of moves) {
    const at = stack.lastIndexOf(version);
    if (how === 'rollback' && at >= 0) stack.length = at + 1;
    else if (stack.at(-1) !== version) stack.push(version);
  }
  if (to === undefined) return stack.at(-2);
  return moves.some(({ version }) => version === to) ? to : undefined;
}

async function moved(
  { registry }: OpenedModels,
  name: string,
  version: number,
  how: AliasMove['action'],
  { alias, why, by }: MoveOptions,
): Promise<AliasMove> {
  const held = await registry.holder(name, alias);
  if (held?.version === version) {
    throw new CliError(`${name}@${version} is ${alias} already, by ${held.by}`, EXIT.failed, [
      `assay models history ${name}`,
    ]);
  }
  const request = { name, alias, version, action: how, by: by ?? userInfo().username, why };
  const move = await registry.move({ ...request, expected: held?.number ?? 0 });
  if (move) return move;
  throw new CliError(`somebody else moved ${alias} of ${name} just now`, EXIT.failed, [
    `assay models history ${name}`,
  ]);
}

function tell(move: AliasMove, name: string, terminal: Terminal): number {
  terminal.json({ name, ...move });
  terminal.line(`${name}@${move.version} is ${move.alias} of ${name}`);
  return EXIT.ok;
}

function checkAlias(alias: string): void {
  if (ALIAS.test(alias)) return;
  throw new CliError(
    `--alias: expected a word of lower-case letters, digits, "_", "." and "-" that begins with a letter, got "${alias}"`,
    EXIT.usage,
  );
}

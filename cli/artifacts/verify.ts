import { missingParents, verifyArtifacts } from '../../storage/verifyStore.js';
import { count } from '../../report/format.js';
import { action, withExamples, type CommandModule } from '../command.js';
import { CliError, EXIT } from '../exit.js';
import { stepProgress } from '../stepProgress.js';
import type { CommonOptions, Terminal } from '../terminal.js';
import { oneArtifact, openInventory, size } from './openedStore.js';

interface VerifyOptions extends CommonOptions {
  readonly all?: boolean;
  readonly quick?: boolean;
}

/** `assay artifacts verify [REF | --all]` */
export const verifyCommand: CommandModule = {
  define: (command) => {
    withExamples(command, [
      'assay artifacts verify --all',
      'assay artifacts verify model/3f2a9c',
      'assay artifacts verify --all --quick --json',
    ])
      .argument('[ref]', 'KIND/HASH or HASH')
      .option('--all', 'everything, and whether all that finished stages read and wrote is there')
      .option('--quick', 'only presence and sizes; reads no data')
      .addHelpText('after', '\nEnds with 1 where something is missing or altered.')
      .action(action<VerifyOptions>(verify));
  },
};

async function verify(
  [wanted]: readonly string[],
  { all, quick }: VerifyOptions,
  terminal: Terminal,
): Promise<number> {
  if ((wanted === undefined) === (all !== true)) {
    throw new CliError('expected an artifact, or --all', EXIT.usage, ['assay artifacts verify --all']);
  }
  const { inventory, store, scratchDirectory } = await openInventory();
  const chosen = wanted === undefined ? [...inventory.artifacts.values()] : [oneArtifact(inventory, wanted)];
  const bar = stepProgress(terminal, 'verifying');
  const damages = await verifyArtifacts(store, inventory, chosen, {
    scratchDirectory,
    ...(quick ? { quick } : {}),
    tell: (done, total) => bar.update({ done, total, unit: 'bytes' }),
  });
  bar.stop();
  if (all) damages.push(...missingParents(inventory));
  const bytes = chosen.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  terminal.json({ artifacts: chosen.length, bytes, damages });
  for (const { key, what } of damages) terminal.line(`${terminal.colors.red('✕')} ${key} ${what}`);
  const looked = `${count(chosen.length)} artifacts, ${size(bytes)}`;
  if (damages.length === 0) {
    terminal.line(
      `${terminal.colors.green('✓')} ${looked}: ${quick ? 'all there' : 'all as they were written'}`,
    );
    return EXIT.ok;
  }
  terminal.line(
    `${looked}: ${count(damages.length)} damaged or missing. Start their runs again: a stage whose output`,
  );
  terminal.line('is damaged is done again, and mends it; or restore the objects from a backup.');
  return EXIT.failed;
}

import { Command } from 'commander';
import { action, withCommon, withExamples, type CommandModule } from '../command.js';
import { commandList } from '../commandList.js';
import { completionScripts, type CompletedCommand, type Shell } from '../completionScripts.js';
import { CliError, EXIT } from '../exit.js';
import type { CommonOptions } from '../terminal.js';

/** `assay completion` */
export const completion: CommandModule = {
  define: (command) => {
    withExamples(command, [
      'assay completion bash > ~/.local/share/bash-completion/completions/assay',
      'assay completion zsh > "${fpath[1]}/_assay"',
      'assay completion fish > ~/.config/fish/completions/assay.fish',
    ])
      .argument('<shell>', Object.keys(completionScripts).join(', '))
      .action(
        action<CommonOptions>(async ([shell = ''], _, terminal) => {
          if (!(shell in completionScripts)) {
            const known = Object.keys(completionScripts);
            throw new CliError(
              `there is no completion for "${shell}", only for ${known.join(', ')}`,
              EXIT.usage,
              known.map((one) => `assay completion ${one}`),
            );
          }
          const script = completionScripts[shell as Shell](await completedCommands());
          terminal.json({ shell, script });
          terminal.line(script.trimEnd());
          return EXIT.ok;
        }),
      );
  },
};

/** All commands with their options, as commander knows them. */
async function completedCommands(): Promise<CompletedCommand[]> {
  const completed: CompletedCommand[] = [];
  for (const { name, summary, load } of commandList) {
    const command = withCommon(new Command(name));
    (await load()).define(command);
    completed.push({
      name,
      summary,
      subcommands: command.commands.map((one) => one.name()),
      options: [command, ...command.commands]
        .flatMap((one) => one.options)
        .flatMap(({ long, description }) => (long ? [{ flag: long, description }] : []))
        .filter(({ flag }, at, all) => all.findIndex((other) => other.flag === flag) === at),
    });
  }
  return completed;
}

/** A command as a shell completes it. */
export interface CompletedCommand {
  readonly name: string;
  readonly summary: string;
  /** Names of its own commands: `list`, `lineage`. */
  readonly subcommands: readonly string[];
  readonly options: readonly { readonly flag: string; readonly description: string }[];
}

/** Shells, and the script that each reads. One line a shell. */
export const completionScripts = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
} as const satisfies Record<string, (commands: readonly CompletedCommand[]) => string>;

export type Shell = keyof typeof completionScripts;

const flagsOf = ({ options }: CompletedCommand): string => options.map(({ flag }) => flag).join(' ');

function bashScript(commands: readonly CompletedCommand[]): string {
  const cases = commands.map(
    (command) =>
      `    ${command.name}) words="${[...command.subcommands, flagsOf(command)].join(' ').trim()}" ;;`,
  );
  return `# assay completion bash > ~/.local/share/bash-completion/completions/assay
_assay() {
  local words current="\${COMP_WORDS[COMP_CWORD]}"
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${commands.map(({ name }) => name).join(' ')}" -- "$current"))
    return
  fi
  case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
    *) words="" ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _assay assay
`;
}

/** In single quotes; zsh's own separators escaped. */
const zshText = (text: string): string =>
  text.replaceAll("'", "'\\''").replaceAll('[', '\\[').replaceAll(']', '\\]').replaceAll(':', '\\:');

function zshScript(commands: readonly CompletedCommand[]): string {
  const listed = commands.map(({ name, summary }) => `    '${name}:${zshText(summary)}'`);
  const cases = commands.map(({ name, options, subcommands }) => {
    const flags = options.map(({ flag, description }) => `'${flag}[${zshText(description)}]'`);
    const rest = subcommands.length > 0 ? `'2:command:(${subcommands.join(' ')})'` : "'*:file:_files'";
    return `    ${name}) _arguments ${[...flags, rest].join(' ')} ;;`;
  });
  return `#compdef assay
# assay completion zsh > "\${fpath[1]}/_assay"
_assay() {
  local -a commands=(
${listed.join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local name="\${words[2]}"
  shift words
  (( CURRENT-- ))
  case "$name" in
${cases.join('\n')}
  esac
}
compdef _assay assay
`;
}

const fishText = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll("'", "\\'");

function fishScript(commands: readonly CompletedCommand[]): string {
  const lines = commands.flatMap(({ name, summary, options, subcommands }) => [
    `complete -c assay -n __fish_use_subcommand -f -a ${name} -d '${fishText(summary)}'`,
    ...(subcommands.length > 0
      ? [`complete -c assay -n '__fish_seen_subcommand_from ${name}' -f -a '${subcommands.join(' ')}'`]
      : []),
    ...options.map(
      ({ flag, description }) =>
        `complete -c assay -n '__fish_seen_subcommand_from ${name}' -l ${flag.slice(2)} -d '${fishText(description)}'`,
    ),
  ]);
  return `# assay completion fish > ~/.config/fish/completions/assay.fish\n${lines.join('\n')}\n`;
}

/** An instruction of a Dockerfile, its lines joined. */
export interface Step {
  readonly name: string; // COPY, RUN …
  readonly flags: Readonly<Record<string, string>>; // from, chown
  readonly text: string;
}

/** From one FROM to the next. */
export interface ImageStage {
  readonly name: string; // as others name it, else its number
  readonly steps: readonly Step[];
}

/** Stages of a Dockerfile, in order. @throws RangeError for a line that is no instruction */
export function parseDockerfile(text: string): ImageStage[] {
  const stages: { name: string; steps: Step[] }[] = [];
  const lines = text
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .join('\n')
    .replaceAll('\\\n', ' ')
    .split('\n')
    .filter((line) => line.trim() !== '');
  for (const line of lines) {
    const found = /^([A-Z]+)((?: --\w+=\S+)*) (.+)$/u.exec(line);
    if (!found) throw new RangeError(`Dockerfile: expected an instruction, got ${line}`);
    const [, name = '', options = '', rest = ''] = found;
    if (name === 'FROM')
      stages.push({ name: / AS (\S+)/u.exec(rest)?.[1] ?? String(stages.length), steps: [] });
    else stages.at(-1)!.steps.push({ name, flags: flagsOf(options), text: rest.trim() });
  }
  return stages;
}

const flagsOf = (options: string): Record<string, string> =>
  Object.fromEntries([...options.matchAll(/--(\w+)=(\S+)/gu)].map(([, name, value]) => [name, value]));

/** Variables that an ENV sets: `A=1 B=2`. */
export const variablesOf = (text: string): Record<string, string> =>
  Object.fromEntries([...text.matchAll(/(\w+)=(\S+)/gu)].map(([, name, value]) => [name, value]));

import { action, withExamples, withServer, type CommandModule } from '../command.js';
import { EXIT } from '../exit.js';
import { gpuFindings } from '../engineFindings.js';
import { examine } from '../examination.js';
import { mendAll, type Finding, type Mending } from '../finding.js';
import type { ServerOptions } from '../server.js';
import { wrap } from '../table.js';
import type { CommonOptions, Terminal } from '../terminal.js';

interface DoctorOptions extends CommonOptions, ServerOptions {
  readonly gpu?: boolean;
  readonly fix?: boolean;
}

/** `assay doctor` */
export const doctor: CommandModule = {
  define: (command) => {
    withExamples(withServer(command), [
      'assay doctor',
      'assay doctor --fix',
      'assay doctor --gpu',
      'assay doctor --json',
    ])
      .option('--gpu', 'look at what computing on a GPU needs, too')
      .option('--fix', 'mend what can be mended without you, then look again')
      .action(action<DoctorOptions>((_, options, terminal) => look(options, terminal)));
  },
};

async function look(options: DoctorOptions, terminal: Terminal): Promise<number> {
  const lookAtAll = async (): Promise<Finding[]> => [
    ...(await examine(options)),
    ...(options.gpu ? await gpuFindings() : []),
  ];
  const findings = await lookAtAll();
  const mendings = options.fix ? await mendAll(findings, terminal) : [];
  return tell(mendings.length === 0 ? findings : await lookAtAll(), mendings, terminal);
}

function tell(findings: readonly Finding[], mendings: readonly Mending[], terminal: Terminal): number {
  terminal.json(
    findings.map(({ fix, ...finding }) => {
      const { done, failure } = mendings.find(({ name }) => name === finding.name) ?? {};
      return { ...finding, fixable: fix !== undefined, fixed: done, fixFailed: failure };
    }),
  );
  tellMendings(mendings, terminal);
  tellFindings(findings, terminal);
  terminal.line();
  const isMissing = findings.some(({ state }) => state === 'missing');
  const isUnmended = mendings.some(({ failure }) => failure !== undefined);
  for (const sentence of verdict(findings, isMissing, isUnmended))
    terminal.line(wrap(sentence, terminal.columns).join('\n'));
  return isMissing || isUnmended ? EXIT.missingTool : EXIT.ok;
}

function verdict(findings: readonly Finding[], isMissing: boolean, isUnmended: boolean): string[] {
  if (isUnmended) return ['Not everything could be mended; the reasons are above.'];
  const fixable = findings.filter(({ fix }) => fix !== undefined).map(({ name }) => name);
  return [
    isMissing
      ? 'Something that Assay needs is missing; the arrows say how to mend it.'
      : 'Ready. Try: assay demo',
    ...(fixable.length > 0 ? [`assay doctor --fix mends: ${fixable.join(', ')}`] : []),
  ];
}

function tellMendings(mendings: readonly Mending[], terminal: Terminal): void {
  const { green, red } = terminal.colors;
  for (const { name, done, failure } of mendings) {
    const sign = failure === undefined ? green('mended') : red('not mended');
    const words = failure ?? done ?? '';
    const lines = wrap(words, Math.max(terminal.columns - 2, 20));
    terminal.line(`${sign} ${name}`);
    for (const line of lines) terminal.line(`  ${line}`);
  }
  if (mendings.length > 0) terminal.line();
}

function tellFindings(findings: readonly Finding[], terminal: Terminal): void {
  const { green, yellow, red, dim } = terminal.colors;
  const signs = { ok: green('✓'), optional: yellow('!'), missing: red('✕') };
  const width = Math.max(...findings.map(({ name }) => name.length));
  const isNarrow = terminal.columns < width + 36;
  const margin = ' '.repeat(isNarrow ? 4 : width + 4);
  const room = Math.max(terminal.columns - margin.length, 20);
  for (const { name, state, found, mend, fix } of findings) {
    const lines = wrap(found, room);
    const first = isNarrow ? name : `${name.padEnd(width)}  ${lines.shift() ?? ''}`;
    terminal.line(`${signs[state]} ${first}`);
    for (const line of lines) terminal.line(margin + line);
    const words = fix === undefined ? mend : `${mend ?? ''} (--fix does it)`;
    const advice = words === undefined ? [] : wrap(`→ ${words}`, room - 2);
    advice.forEach((line, i) => terminal.line(margin + dim(i === 0 ? line : `  ${line}`)));
  }
}

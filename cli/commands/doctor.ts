import { action, withExamples, withServer, type CommandModule } from '../command.js';
import { EXIT } from '../exit.js';
import { gpuFindings } from '../engineFindings.js';
import { examine, type Finding } from '../examination.js';
import type { ServerOptions } from '../server.js';
import { wrap } from '../table.js';
import type { CommonOptions, Terminal } from '../terminal.js';

/** `assay doctor` */
export const doctor: CommandModule = {
  define: (command) => {
    withExamples(withServer(command), ['assay doctor', 'assay doctor --gpu', 'assay doctor --json'])
      .option('--gpu', 'look at what computing on a GPU needs, too')
      .action(
        action<CommonOptions & ServerOptions & { readonly gpu?: boolean }>(async (_, options, terminal) =>
          tell([...(await examine(options)), ...(options.gpu ? await gpuFindings() : [])], terminal),
        ),
      );
  },
};

function tell(findings: readonly Finding[], terminal: Terminal): number {
  const { green, yellow, red, dim } = terminal.colors;
  const signs = { ok: green('✓'), optional: yellow('!'), missing: red('✕') };
  terminal.json(findings);
  const width = Math.max(...findings.map(({ name }) => name.length));
  const margin = ' '.repeat(width + 4);
  const room = Math.max(terminal.columns - width - 6, 20);
  for (const { name, state, found, mend } of findings) {
    const [first = '', ...rest] = wrap(found, room);
    terminal.line(`${signs[state]} ${name.padEnd(width)}  ${first}`);
    for (const line of rest) terminal.line(margin + line);
    const advice = mend === undefined ? [] : wrap(`→ ${mend}`, room - 2);
    advice.forEach((line, i) => terminal.line(margin + dim(i === 0 ? line : `  ${line}`)));
  }
  const isMissing = findings.some(({ state }) => state === 'missing');
  terminal.line();
  terminal.line(
    isMissing
      ? 'Something that Assay needs is missing; the arrows say how to mend it.'
      : 'Ready. Try: assay demo',
  );
  return isMissing ? EXIT.missingTool : EXIT.ok;
}

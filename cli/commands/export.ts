import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { openArtifacts } from '../../storage/artifacts.js';
import { openStore } from '../../storage/open.js';
import { action, withExamples, withServer, type CommandModule } from '../command.js';
import { directories } from '../directories.js';
import { EXIT } from '../exit.js';
import { checkpointFiles } from '../exportModel.js';
import { finishedRun } from '../finishedRun.js';
import type { ServerOptions } from '../server.js';
import type { CommonOptions, Terminal } from '../terminal.js';

interface ExportOptions extends CommonOptions, ServerOptions {
  readonly out: string;
}

/** `assay export [RUN] --out FOLDER` */
export const exportModel: CommandModule = {
  define: (command) => {
    withExamples(withServer(command), ['assay export --out model', 'assay export questions --out model'])
      .argument('[run]', 'id, end of an id, or name; the newest finished run without it')
      .requiredOption('-o, --out <folder>', 'where config.json, model.safetensors and vocab.txt go')
      .action(action<ExportOptions>(writeCheckpoint));
  },
};

async function writeCheckpoint(
  [wanted]: readonly string[],
  options: ExportOptions,
  terminal: Terminal,
): Promise<number> {
  const where = directories();
  const { runId, outcome } = await finishedRun(where, wanted, options);
  const artifacts = openArtifacts(await openStore(where.storeUri), {
    scratchDirectory: join(where.root, 'scratch'),
  });
  const files = await checkpointFiles(artifacts, outcome.outputs);
  const folder = resolve(options.out);
  mkdirSync(folder, { recursive: true });
  for (const [name, content] of files) writeFileSync(join(folder, name), content);
  terminal.json({ runId, folder, files: [...files.keys()] });
  terminal.line(`${folder}: ${[...files.keys()].join(', ')}`);
  return EXIT.ok;
}

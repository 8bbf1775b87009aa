import { MissingToolError } from '../../contracts/errors.js';
import type { NativeTensorflow } from '../../infra/tensorflow/native.js';
import { findTemporalExecutable } from '../../infra/temporal/findServer.js';
import { action, withExamples, type CommandModule } from '../command.js';
import { EXIT } from '../exit.js';
import { fetchEngine } from '../fetchEngine.js';
import type { CommonOptions, Terminal } from '../terminal.js';

interface SetupOptions extends CommonOptions {
  readonly gpu?: boolean;
}

/** `assay setup` */
export const setup: CommandModule = {
  define: (command) => {
    withExamples(command, ['assay setup', 'assay setup --gpu'])
      .option('--gpu', 'TensorFlow with CUDA (else: where nvidia-smi shows a device)')
      .option('--no-gpu', 'TensorFlow without CUDA')
      .action(action<SetupOptions>((_, options, terminal) => fetchAll(options, terminal)));
  },
};

/** Fetches what is fetched once for a machine. One thing that can't be had does not keep us from the others. */
async function fetchAll({ gpu }: SetupOptions, terminal: Terminal): Promise<number> {
  const log = (line: string): void => terminal.note(line);
  const temporal = await attempt(log, async () => (await findTemporalExecutable({ log })).path);
  const engine = await attempt(log, () => fetchEngine(terminal, gpu));
  tell(terminal, temporal, engine);
  return temporal === undefined || engine === undefined ? EXIT.missingTool : EXIT.ok;
}

function tell(terminal: Terminal, temporal: string | undefined, engine: NativeTensorflow | undefined): void {
  const tensorflow = engine && { version: engine.version, flavour: engine.flavour, folder: engine.folder };
  terminal.json({ temporal: temporal ?? null, tensorflow: tensorflow ?? null });
  const words = tensorflow && `${tensorflow.version} for ${tensorflow.flavour}, ${tensorflow.folder}`;
  terminal.line(`Temporal CLI  ${temporal ?? 'could not be had'}`);
  terminal.line(`TensorFlow    ${words ?? 'could not be had: networks compute by wasm, slower'}`);
  terminal.aside();
  terminal.aside('assay doctor looks at everything, and measures the engine.');
}

async function attempt<T>(log: (line: string) => void, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof MissingToolError)) throw error;
    log(error.message);
    return undefined;
  }
}

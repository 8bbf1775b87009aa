import { writeFileSync } from 'node:fs';
import { editorSchema } from '../../config/editorSchema.js';
import { action, withExamples, type CommandModule } from '../command.js';
import { EXIT } from '../exit.js';
import type { CommonOptions } from '../terminal.js';

/** `assay schema` */
export const schema: CommandModule = {
  define: (command) => {
    withExamples(command, ['assay schema > assay.schema.json', 'assay schema --out .assay/assay.schema.json'])
      .option('-o, --out <file>', 'write it there')
      .addHelpText(
        'after',
        '\nEditors with a YAML language server read it where the first line of assay.yaml is\n' +
          '  # yaml-language-server: $schema=.assay/assay.schema.json',
      )
      .action(
        action<CommonOptions & { readonly out?: string }>((_, { out }, terminal) => {
          const text = `${JSON.stringify(editorSchema(), null, 2)}\n`;
          if (out === undefined) process.stdout.write(text);
          else writeFileSync(out, text);
          if (out !== undefined) {
            terminal.line(out);
            terminal.json({ file: out });
          }
          return Promise.resolve(EXIT.ok);
        }),
      );
  },
};

import { createInterface } from 'node:readline/promises';
import type { Terminal } from './terminal.js';

/** Asks a person for one of some names. */
export type Ask = (question: string, choices: readonly string[], likeliest: string) => Promise<string>;

const SHOWN = 8;

/** Asks on this process's terminal; undefined where nobody can answer. */
export const terminalAsk = (terminal: Terminal): Ask | undefined =>
  terminal.isInteractive && process.stdin.isTTY
    ? askOver({ input: process.stdin, output: process.stderr })
    : undefined;

/** Asks until one of the choices is typed; an empty line takes the likeliest. */
export function askOver(streams: {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
}): Ask {
  return async (question, choices, likeliest) => {
    const prompt = createInterface(streams);
    const ended = new Promise<string>((resolve) => prompt.once('close', () => resolve('')));
    const more = choices.length > SHOWN ? ', …' : '';
    try {
      for (;;) {
        const words = `${question} ${choices.slice(0, SHOWN).join(', ')}${more} [${likeliest}] `;
        const answer = (await Promise.race([prompt.question(words), ended])).trim();
        if (answer === '') return likeliest;
        if (choices.includes(answer)) return answer;
        streams.output.write(`There is no "${answer}".\n`);
      }
    } finally {
      prompt.close();
    }
  };
}

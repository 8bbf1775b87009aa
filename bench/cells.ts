import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';

/** What tells one measurement from another. */
interface CellKey {
  readonly set: string;
  readonly rate: number;
  readonly seed: number;
  readonly noise?: string; // uniform where left out
}

const FOLDER = '.assay/bench';

const nameOf = ({ set, rate, seed, noise = 'uniform' }: CellKey): string => `${set} ${noise} ${rate} ${seed}`;

/** Measurements of a benchmark that takes hours, kept in `.assay/bench/<name>.jsonl` and not made twice. */
export function createCells<Cell extends CellKey & { readonly seconds: number }>(name: string) {
  const file = `${FOLDER}/${name}.jsonl`;
  const read = (): Cell[] => {
    if (!existsSync(file)) return [];
    const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
    return lines.map((line) => JSON.parse(line) as Cell);
  };
  return {
    read,
    measure: async (key: CellKey, work: () => Promise<Cell>): Promise<void> => {
      if (read().some((cell) => nameOf(cell) === nameOf(key))) return;
      const cell = await work();
      mkdirSync(FOLDER, { recursive: true });
      appendFileSync(file, `${JSON.stringify(cell)}\n`);
      process.stderr.write(`${nameOf(key)}: ${cell.seconds.toFixed(0)} s\n`);
    },
  };
}

import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';

/** What tells one measurement from another. */
interface CellKey {
  readonly set: string;
  readonly rate: number;
  readonly seed: number;
}

const FOLDER = '.assay/bench';

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
    measure: async ({ set, rate, seed }: CellKey, work: () => Promise<Cell>): Promise<void> => {
      if (read().some((cell) => cell.set === set && cell.rate === rate && cell.seed === seed)) return;
      const cell = await work();
      mkdirSync(FOLDER, { recursive: true });
      appendFileSync(file, `${JSON.stringify(cell)}\n`);
      process.stderr.write(`${set} ${rate} ${seed}: ${cell.seconds.toFixed(0)} s\n`);
    },
  };
}

import { DataError } from '../contracts/errors.js';
import { rowId, type BuiltinDataset, type BuiltinTable } from './dataset.js';
import { requireFile } from './readRows.js';
import { splitByHash } from './recipe.js';

interface Regression {
  readonly header: readonly string[]; // lower case, the target last
  readonly rows: readonly (readonly string[])[];
}

/** A published ARFF file of numbers only. @throws DataError when it is something else */
export function readNumericArff(file: string, bytes: Uint8Array | undefined): Regression {
  const lines = new TextDecoder()
    .decode(requireFile(file, bytes))
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('%'));
  const start = lines.findIndex((line) => /^@data$/iu.test(line));
  if (start < 0) throw new DataError(`${file}: expected a line @data, found none`);
  const header = lines
    .slice(0, start)
    .flatMap((line) => /^@attribute\s+(\S+)\s+(real|numeric)$/iu.exec(line)?.[1]?.toLowerCase() ?? []);
  const rows = lines.slice(start + 1).map((line) => line.split(','));
  const wrong = rows.findIndex((cells) => cells.length !== header.length);
  if (wrong >= 0) throw new DataError(`${file}: expected ${header.length} numbers in row ${wrong}`);
  return { header, rows };
}

/** A regression set as OpenDataVal makes two classes of it: whether the target is above its mean. */
export function aboveMean(
  { header, rows }: Regression,
  name: string,
  sha256: (text: string) => string,
): BuiltinTable {
  const values = rows.map((cells) => Number(cells.at(-1)));
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const targets = values.map((value) => (value > mean ? 'above' : 'below'));
  const splits = splitByHash(name, targets, sha256);
  return {
    header: ['id', 'split', ...header.slice(0, -1), 'y_above_mean'],
    rows: rows.map((cells, i) => [rowId(i), splits[i]!, ...cells.slice(0, -1), targets[i]!]),
  };
}

/** The two artificial sets of Torgo's collection differ in name and file only. */
export const torgoSet = (facts: {
  readonly name: string;
  readonly citation: string;
  readonly description: string;
  readonly sha256: string;
}): BuiltinDataset => ({
  ...facts,
  licence: 'none stated (artificial data): for experiments, not for redistribution',
  folder: 'tabular_2dplanes_fried',
  files: [
    {
      name: `${facts.name}.arff`,
      repository: 'renatopp/arff-datasets',
      commit: 'c59f172882592bb58982cc54d2d3c8a2b57e9b73',
      path: `regression/${facts.name}.arff`,
      sha256: facts.sha256,
    },
  ],
  preset: {
    dataset: {
      columns: {
        id: 'id',
        target: 'y_above_mean',
        numeric: Array.from({ length: 10 }, (_, i) => `x${i + 1}`),
        split: 'split',
      },
      split: { by: 'column' },
    },
    clean: { exactDuplicates: 'keep' },
  },
  recipeName: facts.name,
  async read({ files, sha256 }) {
    const [file] = this.files;
    return Promise.resolve(aboveMean(readNumericArff(file!.name, files.get(file!.name)), facts.name, sha256));
  },
});

import { z } from 'zod';
import { DatasetConfig } from '../contracts/settings.js';
import { datasetFiles, isParted, unpackedBytes } from './datasetFiles.js';
import type { Stage } from './stage.js';

const Params = z.strictObject({ dataset: DatasetConfig });
type Params = z.infer<typeof Params>;

/** About how many times what fits in memory a share has, unless its one file has more. */
const SHARE = 4;
const MOST_SHARES = 1000;

/**
 * Into how many shares the files of a dataset are cut, for workers to read side by side. None (0) where that brings
 * nothing: tables that fit in memory, one file, another engine.
 */
export const fileShares: Stage<Params> = {
  name: 'fileShares',
  paramsSchema: Params,
  inputs: [],
  summary: ({ dataset }) => `how many files ${[dataset.source].flat().join(', ')} has`,
  async run({ params: { dataset } }, context) {
    const files = await datasetFiles(dataset, context.sources);
    const bytes = unpackedBytes(files.rows);
    const isLarge = !context.elsewhere && unpackedBytes(files.all) > context.inMemoryBytes;
    const wanted = Math.ceil(bytes / Math.max(1, SHARE * context.inMemoryBytes));
    const shares = Math.min(files.rows.length, wanted, MOST_SHARES);
    const isCut = isLarge && isParted(dataset, files) && shares > 1;
    return { outputs: {}, figures: { files: files.rows.length, bytes, shares: isCut ? shares : 0 } };
  },
};

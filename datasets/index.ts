import { banking77, banking77Official } from './banking77.js';
import { clinc150 } from './clinc150.js';
import type { BuiltinDataset } from './dataset.js';
import { financialPhrasebank } from './financialPhrasebank.js';
import { onlineShopping } from './onlineShopping.js';
import { pricerunner } from './pricerunner.js';
import { synthetic, syntheticTiny } from './synthetic.js';

/** One line per built-in set: `builtin:NAME` in assay.yaml, `--data NAME` on the command line. */
export const datasets = [
  synthetic,
  syntheticTiny,
  banking77,
  banking77Official,
  clinc150,
  pricerunner,
  onlineShopping,
  financialPhrasebank,
] as const satisfies readonly BuiltinDataset[];

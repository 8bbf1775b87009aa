import { amazonGoogle } from './amazonGoogle.js';
import { banking77, banking77Official } from './banking77.js';
import { clinc150 } from './clinc150.js';
import { creditDefault } from './creditDefault.js';
import type { BuiltinDataset } from './dataset.js';
import { financialPhrasebank } from './financialPhrasebank.js';
import { fried } from './fried.js';
import { lambdarankSample } from './lambdarankSample.js';
import { onlineShopping } from './onlineShopping.js';
import { pricerunner } from './pricerunner.js';
import { pricerunnerRelevance } from './pricerunnerRelevance.js';
import { synthetic, syntheticTiny } from './synthetic.js';
import { twoDPlanes } from './twoDPlanes.js';

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
  twoDPlanes,
  fried,
  creditDefault,
  pricerunnerRelevance,
  lambdarankSample,
  amazonGoogle,
] as const satisfies readonly BuiltinDataset[];

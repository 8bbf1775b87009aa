import { amazonGoogle } from './amazonGoogle.js';
import { banking77, banking77Official } from './banking77.js';
import { clinc150, clinc150OutOfScope } from './clinc150.js';
import { creditDefault } from './creditDefault.js';
import type { BuiltinDataset } from './dataset.js';
import { financialPhrasebank } from './financialPhrasebank.js';
import { fried } from './fried.js';
import { lambdarankSample } from './lambdarankSample.js';
import { onlineShopping } from './onlineShopping.js';
import { pricerunner } from './pricerunner.js';
import { pricerunnerRelevance } from './pricerunnerRelevance.js';
import { openBandit } from './openBandit.js';
import { synthetic, syntheticTiny } from './synthetic.js';
import { syntheticClicks } from './syntheticClicks.js';
import { syntheticInteractions } from './syntheticInteractions.js';
import { twoDPlanes } from './twoDPlanes.js';

/** One line per built-in set: `builtin:NAME` in assay.yaml, `--data NAME` on the command line. */
export const datasets = [
  synthetic,
  syntheticTiny,
  syntheticClicks,
  syntheticInteractions,
  banking77,
  banking77Official,
  clinc150,
  clinc150OutOfScope,
  pricerunner,
  onlineShopping,
  financialPhrasebank,
  twoDPlanes,
  fried,
  creditDefault,
  pricerunnerRelevance,
  lambdarankSample,
  amazonGoogle,
  openBandit,
] as const satisfies readonly BuiltinDataset[];

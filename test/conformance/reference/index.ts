import { benchmarkMetrics } from './benchmarkMetrics.js';
import { cleanlab } from './cleanlab.js';
import { coreset } from './coreset.js';
import type { ReferenceFamily } from './family.js';
import { dataOob } from './dataOob.js';
import { game } from './game.js';
import { influenceLogistic, influenceSoftmax } from './influence.js';
import { knnShapley } from './knnShapley.js';
import { pvi } from './pvi.js';
import { ridgeLoo } from './ridgeLoo.js';
import { tracinGrand } from './tracinGrand.js';
import { trainingDynamics } from './trainingDynamics.js';
import { trakLinear } from './trakLinear.js';

/** One line per family of reference fixtures. */
export const families: readonly ReferenceFamily[] = [
  benchmarkMetrics,
  cleanlab,
  coreset,
  dataOob,
  game,
  influenceLogistic,
  influenceSoftmax,
  knnShapley,
  pvi,
  ridgeLoo,
  tracinGrand,
  trainingDynamics,
  trakLinear,
];

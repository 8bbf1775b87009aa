import { benchmarkMetrics } from './benchmarkMetrics.js';
import { cleanlab } from './cleanlab.js';
import type { ReferenceFamily } from './family.js';
import { pvi } from './pvi.js';

/** One line per family of reference fixtures. */
export const families: readonly ReferenceFamily[] = [benchmarkMetrics, cleanlab, pvi];

import type { ReferenceFamily } from './family.js';

/** One line per family of reference fixtures. */
export const families: readonly ReferenceFamily[] = [];

/**
 * Whether enough outer folds propose by themselves what the whole training side proposes. It is that, and nothing else,
 * which the last fit would use, so that a test of other proposals says little. No imports here: workflows run this file.
 */
export const enoughAgree = (agreeing: number, outerFolds: number): boolean => 2 * agreeing >= outerFolds;

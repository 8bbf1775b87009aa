import { torgoSet } from './arff.js';

/** Ten numbers, two planes: OpenDataVal's `2dplanes`. */
export const twoDPlanes = torgoSet({
  name: '2dplanes',
  citation: 'Breiman et al. 1984, Classification and Regression Trees, p. 238; collected by L. Torgo',
  description: '40,768 artificial rows of 10 numbers; is y above its mean? split 70/15/15',
  sha256: '9691f3197fc42035ed690849710710caa82e768c372274aad699bc5216db317a',
});

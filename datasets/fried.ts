import { torgoSet } from './arff.js';

/** Ten numbers, five of which matter: OpenDataVal's `fried`. */
export const fried = torgoSet({
  name: 'fried',
  citation: 'Friedman 1991, Multivariate adaptive regression splines; collected by L. Torgo',
  description: '40,768 artificial rows of 10 numbers; is y above its mean? split 70/15/15',
  sha256: 'a34af525c73722c50574b97f42cd05a907e73a0b184b2684714b364d9d46b9e5',
});

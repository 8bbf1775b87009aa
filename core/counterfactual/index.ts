/** Learning and judging from what another policy logged: no Temporal, no store. */
export { clippedIps, ips, snips, type CounterfactualEstimate, type LoggedOutcomes } from './estimates.js';
export {
  clickMasses,
  examinationAt,
  examinedMasses,
  type ExaminedLog,
  type ItemMasses,
} from './examination.js';
export { inversePropensities } from './propensity.js';
export { keptNegatives, negativesShift, recalibrated } from '../calibration/negatives.js';
export { calibrationShift } from '../calibration/shift.js';
export { drawInformative, type DrawnSample } from '../calibration/informativeSample.js';

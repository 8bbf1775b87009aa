import { adapt } from './adapt.js';
import { analyse } from './analyse.js';
import { applyFeatures } from './applyFeatures.js';
import { benchmarkScore } from './benchmarkScore.js';
import { benchmarkTrial } from './benchmarkTrial.js';
import { boost } from './boost.js';
import { champion } from './champion.js';
import { choose } from './choose.js';
import { clean } from './clean.js';
import { crossValidate } from './crossValidate.js';
import { descent } from './descent.js';
import { dynamics } from './dynamics.js';
import { evidence } from './evidence.js';
import { featurize } from './featurize.js';
import { fileShares } from './fileShares.js';
import { fit } from './fit.js';
import { gate } from './gate.js';
import { importModel } from './importModel.js';
import { ingest } from './ingest.js';
import { judgeBoost } from './judgeBoost.js';
import { judgeTrial } from './judgeTrial.js';
import { knowledge } from './knowledge.js';
import { leaderboard } from './leaderboard.js';
import { learnFeatures } from './learnFeatures.js';
import { play } from './play.js';
import { pretrain } from './pretrain.js';
import { pretrainTexts } from './pretrainTexts.js';
import { refine } from './refine.js';
import { register } from './register.js';
import { profile } from './profile.js';
import { report } from './report.js';
import { sourceVersion } from './sourceVersion.js';
import type { Stage } from './stage.js';
import { tally } from './tally.js';
import { trial } from './trial.js';
import { tune } from './tune.js';
import { weigh } from './weigh.js';

/** One line per stage. Workers register an activity for each; the build makes a code version for each. */
export const stages = [
  fileShares,
  ingest,
  clean,
  knowledge,
  profile,
  importModel,
  learnFeatures,
  applyFeatures,
  featurize,
  pretrainTexts,
  pretrain,
  trial,
  judgeTrial,
  tune,
  evidence,
  refine,
  dynamics,
  descent,
  play,
  tally,
  weigh,
  fit,
  choose,
  boost,
  judgeBoost,
  crossValidate,
  analyse,
  champion,
  gate,
  register,
  report,
  sourceVersion,
  benchmarkTrial,
  benchmarkScore,
  leaderboard,
  adapt,
] as const satisfies readonly Stage[];

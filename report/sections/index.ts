import type { RunSummary } from '../../contracts/summary.js';
import { boostsSection } from './boosts.js';
import { crossValidationSection, gateSection, roundsSection } from './choice.js';
import { samplesSection, sourcesSection, weightsSection } from './importance.js';
import { driftSection } from './drift.js';
import { counterfactualSection } from './counterfactual.js';
import { knowledgeSection } from './knowledge.js';
import { calibrationSection, classesSection, slicesSection } from './quality.js';
import { costSection } from './cost.js';
import { dataMapSection } from './dataMap.js';
import { explanationsSection } from './explanations.js';
import { explorerSection } from './explorer.js';
import { learningSection } from './learning.js';
import { precisionRecallSection } from './precisionRecall.js';
import { lineageSection } from './lineage.js';
import { configSection, dataSection, stagesSection } from './record.js';
import { metricsSection } from './result.js';
import { scopeSection } from './scope.js';
import type { Section } from './section.js';
import { spreadSection } from './spread.js';
import { suspectsSection } from './suspects.js';
import { tuningSection } from './tuning.js';

/** Makes a part of the report; undefined where a run of this task has no such part. */
type MakeSection = (summary: RunSummary) => Section | undefined;

/** One line per section, in the order of the page: HTML, Markdown and the contents read this list. */
export const sections = [
  gateSection,
  metricsSection,
  tuningSection,
  roundsSection,
  boostsSection,
  crossValidationSection,
  learningSection,
  weightsSection,
  spreadSection,
  dataMapSection,
  suspectsSection,
  samplesSection,
  sourcesSection,
  slicesSection,
  explorerSection,
  classesSection,
  explanationsSection,
  precisionRecallSection,
  calibrationSection,
  scopeSection,
  counterfactualSection,
  dataSection,
  driftSection,
  knowledgeSection,
  stagesSection,
  costSection,
  lineageSection,
  configSection,
] as const satisfies readonly MakeSection[];

/** The parts that this run has. */
export const sectionsOf = (summary: RunSummary): Section[] =>
  (sections as readonly MakeSection[]).flatMap((make) => make(summary) ?? []);

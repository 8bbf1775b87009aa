import type { RunSummary } from '../../contracts/summary.js';
import { boostsSection } from './boosts.js';
import { crossValidationSection, gateSection, roundsSection } from './choice.js';
import { samplesSection, sourcesSection, weightsSection } from './importance.js';
import { knowledgeSection } from './knowledge.js';
import { calibrationSection, classesSection, slicesSection } from './quality.js';
import { configSection, dataSection, lineageSection, stagesSection } from './record.js';
import { metricsSection } from './result.js';
import type { Section } from './section.js';

/** Makes a part of the report; undefined where a run of this task has no such part. */
type MakeSection = (summary: RunSummary) => Section | undefined;

/** One line per section, in the order of the page: HTML, Markdown and the contents read this list. */
export const sections = [
  metricsSection,
  gateSection,
  roundsSection,
  boostsSection,
  crossValidationSection,
  weightsSection,
  samplesSection,
  sourcesSection,
  slicesSection,
  classesSection,
  calibrationSection,
  dataSection,
  knowledgeSection,
  stagesSection,
  lineageSection,
  configSection,
] as const satisfies readonly MakeSection[];

/** The parts that this run has. */
export const sectionsOf = (summary: RunSummary): Section[] =>
  (sections as readonly MakeSection[]).flatMap((make) => make(summary) ?? []);

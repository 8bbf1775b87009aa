import { taskName } from '../contracts/settings.js';
import { taskNamed } from '../core/tasks/index.js';
import type { ConfigIssue } from './issues.js';
import type { RunConfig } from './runConfig.js';

/** What only makes sense where choices were logged, or where a rate is predicted. */
export function clickNeeds({ task: choice, analyse, gate, dataset: { columns } }: RunConfig): ConfigIssue[] {
  const task = taskNamed(taskName(choice));
  if (!task) return []; // told of already
  const issues: ConfigIssue[] = [];
  const refuse = (path: readonly string[], message: string): void =>
    void issues.push({ path, message, atKey: true });
  const counterfactual = ['analyse', 'counterfactual'];
  if (analyse.counterfactual && !task.aleatoric) {
    refuse(
      counterfactual,
      `asks what choices earned, which the task ${task.name} doesn't know; leave it out`,
    );
  } else if (analyse.counterfactual && columns.propensity === undefined) {
    refuse(
      counterfactual,
      'needs the chance that each row was logged; name its column: dataset.columns.propensity',
    );
  }
  const bounds = ['gate', 'calibrationRatio'];
  if (!gate.calibrationRatio) return issues;
  const [low, high] = gate.calibrationRatio;
  if (low > high) refuse(bounds, `found [${low}, ${high}], expected the lower bound first`);
  if (!task.estimated.includes('calibration_ratio')) {
    refuse(
      bounds,
      `the task ${task.name} predicts no rate; take gate.maxCalibrationError where classes have probabilities`,
    );
  }
  return issues;
}

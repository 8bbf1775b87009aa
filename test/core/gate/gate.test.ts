import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { GateConfig } from '../../../contracts/gateSettings.js';
import { GateDecision } from '../../../contracts/summary.js';
import { decideGate, type GateInput } from '../../../core/gate/gate.js';

const N = 1000;
const rows = (keep: (row: number) => boolean): Int32Array =>
  Int32Array.from({ length: N }, (_, i) => i).filter(keep);
/** Right but for the rows that `isWrong` names. */
const right = (isWrong: (row: number) => boolean): Float64Array =>
  Float64Array.from({ length: N }, (_, row) => (isWrong(row) ? 0 : 1));
const champion = right((row) => row % 10 === 0); // 90%

const decide = (changes: Partial<GateInput>, config: Partial<GateConfig> = {}) => {
  const decision = decideGate({
    champion,
    challenger: champion,
    groups: rows(() => true),
    slices: [{ name: 'half = first', rows: rows((row) => row < 500) }],
    calibrationError: 0.03,
    effectiveSampleSize: 0.8,
    config: GateConfig.parse(config),
    openings: 1,
    seed: 1,
    metric: 'accuracy',
    ...changes,
  });
  return GateDecision.parse(decision);
};
const failed = (decision: GateDecision): string[] =>
  decision.checks.filter((c) => !c.passed).map((c) => c.name);

describe('the gate', () => {
  it('lets an equal model pass as not inferior, but not as better', () => {
    assert.equal(decide({}).promoted, true);
    assert.deepEqual(failed(decide({}, { require: 'better' })), ['better accuracy']);
  });
  it('lets a clearly better model pass', () => {
    const decision = decide({ challenger: right((row) => row % 20 === 0) }, { require: 'better' });
    assert.equal(decision.promoted, true);
    assert.match(decision.checks[0]!.found, /^\+5\.00 points \(lower bound \+/);
  });
  it('refuses a model whose loss may exceed the margin, and says what was found and allowed', () => {
    const decision = decide({ challenger: right((row) => row % 8 === 0) }); // 87.5%
    assert.ok(failed(decision).includes('accuracy not inferior'));
    assert.match(
      decision.reason,
      /^Refused: accuracy not inferior: found −2\.50 points .* allowed a lower bound above −1\.00 points/,
    );
  });
  it('refuses a model that buys its gain with a slice', () => {
    const challenger = right((row) => row < 250 && row % 5 === 0); // 95% overall, 80% instead of 90% there
    const slices = [{ name: 'kind = rugs', rows: rows((row) => row < 250) }];
    const decision = decide({ challenger, slices });
    assert.deepEqual(failed(decision), ['slices']);
    assert.match(decision.reason, /kind = rugs: −10\.00 points \(95%: .*; 250 rows/);
  });
  it('does not judge slices with too few rows', () => {
    const challenger = right((row) => row < 100 && row % 5 === 0);
    const slices = [{ name: 'kind = rugs', rows: rows((row) => row < 100) }];
    assert.deepEqual(failed(decide({ challenger, slices })), []);
  });
  it('refuses bad calibration, a low effective sample size, and a number that is none', () => {
    assert.deepEqual(failed(decide({ calibrationError: 0.2 }, { maxCalibrationError: 0.1 })), [
      'calibration error',
    ]);
    assert.deepEqual(failed(decide({ effectiveSampleSize: 0.1 })), ['effective sample size']);
    assert.deepEqual(failed(decide({ calibrationError: NaN })), ['calibration error']);
  });
  it('lets the first model of a name pass', () => {
    const decision = decide({ champion: null }, { require: 'better' });
    assert.equal(decision.promoted, true);
    assert.match(decision.checks[0]!.found, /no champion yet/);
  });
  it('asks for more at each opening of a test set', () => {
    const challenger = champion.map((merit, row) => (row % 100 === 10 && row < 1000 ? 1 : merit)); // 10 rows better
    const bound = (openings: number): string => decide({ challenger, openings }).checks[0]!.found;
    const low = (openings: number): number =>
      Number(/bound ([+−][\d.]+)/.exec(bound(openings))![1]!.replace('−', '-'));
    assert.ok(low(10) < low(2) && low(2) < low(1));
    assert.match(decide({ openings: 2 }).checks[0]!.detail, /level 0\.00833 \(opening 2/); // .05 / (2·3)
  });
  it('is wider in its bounds where rows come in groups', () => {
    const challenger = champion.map((merit, row) => (row < 100 ? 1 : merit)); // ten more, in one group
    const alone = decide({ challenger }, { require: 'better' });
    const groups = rows(() => true).map((row) => Math.floor(row / 100));
    const together = decide({ challenger, groups }, { require: 'better' });
    assert.equal(alone.promoted, true);
    assert.equal(together.promoted, false);
  });
  it('refuses to compare models that were judged on different rows', () => {
    assert.throws(() => decide({ champion: new Float64Array(3) }), /3 rows of the champion, 1000/);
  });
});

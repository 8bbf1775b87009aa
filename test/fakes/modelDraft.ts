import type { ArtifactKind, ArtifactRef } from '../../contracts/artifact.js';
import type { ModelDraft } from '../../contracts/registry.js';
import { Columns } from '../../contracts/settings.js';

/** A reference to an artifact that nobody wrote; `letter` makes its hash. */
export const fakeRef = (kind: ArtifactKind, letter: string): ArtifactRef => {
  const sha256 = letter.repeat(64);
  return { kind, key: `artifacts/${kind}/${sha256}.json`, sha256, rows: 3 };
};

/** A model before it has a version; `letter` tells its weights from others'. */
export const modelDraft = (letter = 'a', more: Partial<ModelDraft> = {}): ModelDraft => ({
  name: 'toy',
  runId: `train/toy/2026110${letter.charCodeAt(0) % 10}-120000`,
  task: 'classification',
  seed: 42,
  model: { name: 'linear', C: 4 },
  engine: 'auto',
  policy: 'clip',
  columns: Columns.parse({ target: 'label', text: ['text'] }),
  treatment: { clip: [], fill: [] },
  artifacts: {
    weights: fakeRef('model', letter),
    featurizer: fakeRef('featurizer', 'f'),
    classes: fakeRef('classes', 'c'),
    card: fakeRef('card', 'd'),
    dataset: fakeRef('dataset', 'e'),
    samples: fakeRef('samples', 'b'),
  },
  config: { name: 'toy' },
  metrics: { accuracy: { value: 0.9, low: 0.88, high: 0.92 } },
  metric: 'accuracy',
  gate: { promoted: true, reason: 'Promoted: all 4 checks passed.' },
  stages: [],
  ...more,
});

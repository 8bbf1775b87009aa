import type { Attribution, FittedModel, Model } from '../contracts/model.js';

const SHIFT = 'logit_shift';

/** A trained model whose logits are raised by fixed numbers, one a class; they are stored with it. */
export function shiftedFit(fitted: FittedModel, shift: Float64Array): FittedModel {
  const raised = (logits: Float64Array): Float64Array =>
    logits.map((logit, at) => logit + shift[at % shift.length]!);
  const { history } = fitted;
  return {
    predictLogits: (input) => raised(fitted.predictLogits(input)),
    tensors: () => [...fitted.tensors(), { name: SHIFT, shape: [shift.length], data: shift }],
    ...(fitted.attribute
      ? { attribute: (input, contrast) => shiftedParts(fitted.attribute!(input, contrast), contrast, shift) }
      : {}),
    ...(history ? { history } : {}),
  };
}

/** The shift is no part of the input: it is there without any. */
function shiftedParts(found: Attribution, contrast: Float64Array, shift: Float64Array): Attribution {
  const K = shift.length;
  const raised = (values: Float64Array): Float64Array =>
    values.map((value, row) => shift.reduce((sum, one, k) => sum + one * contrast[row * K + k]!, value));
  return { ...found, outputs: raised(found.outputs), baselines: raised(found.baselines) };
}

/** The same kind of model, which takes the shift of {@link shiftedFit} back from its tensors. */
export const withShifts = (model: Model): Model => ({
  ...model,
  load(tensors, engine) {
    const shift = tensors.find(({ name }) => name === SHIFT);
    const fitted = model.load(
      tensors.filter(({ name }) => name !== SHIFT),
      engine,
    );
    return shift ? shiftedFit(fitted, Float64Array.from(shift.data)) : fitted;
  },
});

import type { FittedModel, Model } from '../contracts/model.js';

const SHIFT = 'logit_shift';

/** A trained model whose logits are raised by fixed numbers, one a class; they are stored with it. */
export const shiftedFit = (fitted: FittedModel, shift: Float64Array): FittedModel => ({
  predictLogits: (input) => fitted.predictLogits(input).map((logit, at) => logit + shift[at % shift.length]!),
  tensors: () => [...fitted.tensors(), { name: SHIFT, shape: [shift.length], data: shift }],
});

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

/** The training side that holds out no outer fold: all training rows, judged on the validation split. */
export const FULL_UNIT = -1;

/** Of several cross-fits of a unit the first has the plain name, the next ones a number. */
export const ofRepeat = (name: string, repeat: number): string => (repeat === 0 ? name : `${name}.${repeat}`);

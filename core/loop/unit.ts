/** The training side that holds out no outer fold: all training rows, judged on the validation split. */
export const FULL_UNIT = -1;

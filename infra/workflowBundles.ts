/** How a bundle of the workflows is made: for workers that tell spans, for those that encrypt failures. */
export interface BundleKind {
  readonly traced: boolean;
  readonly encoded: boolean;
}

/** Name of a bundle below dist/, without its ending. */
export const bundleName = ({ traced, encoded }: BundleKind): string =>
  `workflow-bundle${traced ? '-traced' : ''}${encoded ? '-encoded' : ''}`;

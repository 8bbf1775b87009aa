/** Columns that inputs of a session have where that is asked for, with both counted from 0. */
export const PLACES = { position: 'position of the row', ordinal: 'ordinal of the artifact' } as const;

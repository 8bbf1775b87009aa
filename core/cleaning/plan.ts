import type { z } from 'zod';
import type {
  CleanConfig,
  Columns,
  ColumnContract,
  OutlierRule,
  Predicate,
} from '../../contracts/settings.js';
import { datasetName } from '../ingest/parts.js';

/** A question about one row. Columns are those of the table `dataset`; a missing cell answers no, but to `missing`. */
export type Test =
  | { readonly is: 'missing'; readonly column: string }
  | { readonly is: 'shorter'; readonly columns: readonly string[]; readonly than: number }
  | { readonly is: 'predicate'; readonly column: string; readonly predicate: z.infer<typeof Predicate> }
  | { readonly is: 'below' | 'above'; readonly column: string; readonly limit: number }
  | { readonly is: 'notOneOf'; readonly column: string; readonly allowed: readonly string[] };

/** What cleaning does, in order: said once, for any engine. A row that has left is not looked at again. */
export type CleaningStep =
  | {
      readonly do: 'drop';
      readonly rows: 'all' | 'training';
      readonly rule: 'contract' | 'irrelevant' | 'too_short' | 'missing';
      readonly test: Test;
      /** As the user calls the column. */
      readonly column: string;
      readonly expected: string;
    }
  /** Fits limits on training rows, then drops training rows outside of them, or moves all rows' values into them. */
  | { readonly do: 'limit'; readonly column: string; readonly rule: z.infer<typeof OutlierRule> }
  /** Fills what is missing by the median or the most frequent value of the training rows. */
  | { readonly do: 'fill'; readonly column: string; readonly called: string };

/** How a share of missing cells is checked, over all rows and before anything is dropped. */
export interface MissingCheck {
  readonly column: string;
  readonly called: string;
  readonly allowed: number;
}

export interface CleaningPlan {
  readonly steps: readonly CleaningStep[];
  readonly missing: readonly MissingCheck[];
  /** Columns of the contract, as the user calls them, in the order that he gave. */
  readonly order: readonly string[];
  /** Columns that decide whether two rows are the same sample. */
  readonly features: readonly string[];
  readonly dropsRepeats: boolean;
}

/** The cleaning rules and the data contract as steps: contract, irrelevant, too short, missing, outliers, imputation. */
export function cleaningPlan(
  columns: Columns,
  contract: Readonly<Record<string, ColumnContract>>,
  clean: CleanConfig,
): CleaningPlan {
  const named = (column: string): string => datasetName(columns, column);
  const { text, attributes, categorical, numeric, vectors = {} } = columns;
  return {
    steps: [
      ...Object.entries(contract).flatMap(([column, rules]) => contractSteps(column, named(column), rules)),
      ...clean.irrelevant.map((predicate): CleaningStep => {
        const test = { is: 'predicate', column: named(predicate.column), predicate } as const;
        const value = predicate.value === undefined ? '' : ` ${JSON.stringify(predicate.value)}`;
        const expected = `${predicate.column} ${predicate.op}${value}`;
        return { do: 'drop', rows: 'training', rule: 'irrelevant', test, column: predicate.column, expected };
      }),
      ...shortSteps(text, clean.minTextLength),
      ...missingSteps(clean, named, 'drop'),
      ...clean.outliers.map((rule): CleaningStep => ({ do: 'limit', column: named(rule.column), rule })),
      ...missingSteps(clean, named, 'impute'),
    ],
    missing: Object.entries(contract).flatMap(([called, { maxMissing: allowed }]) =>
      allowed === undefined ? [] : [{ column: named(called), called, allowed }],
    ),
    order: Object.keys(contract),
    features: [...text, ...attributes, ...categorical, ...numeric, ...Object.keys(vectors)],
    dropsRepeats: clean.exactDuplicates === 'drop',
  };
}

function contractSteps(
  called: string,
  column: string,
  { min, max, allowed }: ColumnContract,
): CleaningStep[] {
  const step = (test: Test, expected: string): CleaningStep => ({
    ...{ do: 'drop', rows: 'all', rule: 'contract', column: called },
    ...{ test, expected },
  });
  return [
    ...(min === undefined ? [] : [step({ is: 'below', column, limit: min }, `at least ${min}`)]),
    ...(max === undefined ? [] : [step({ is: 'above', column, limit: max }, `at most ${max}`)]),
    ...(allowed ? [step({ is: 'notOneOf', column, allowed }, `one of ${allowed.join(', ')}`)] : []),
  ];
}

function shortSteps(columns: readonly string[], than: number): CleaningStep[] {
  if (columns.length === 0 || than === 0) return [];
  const test = { is: 'shorter', columns, than } as const;
  return [
    { do: 'drop', rows: 'training', rule: 'too_short', test, column: columns.join(', '), expected: '' },
  ];
}

function missingSteps(
  { missing }: CleanConfig,
  named: (column: string) => string,
  wanted: 'drop' | 'impute',
): CleaningStep[] {
  return Object.entries(missing).flatMap(([called, action]): CleaningStep[] => {
    if (action !== wanted) return [];
    const column = named(called);
    if (action === 'impute') return [{ do: 'fill', column, called }];
    const test = { is: 'missing', column } as const;
    return [{ do: 'drop', rows: 'training', rule: 'missing', test, column: called, expected: '' }];
  });
}

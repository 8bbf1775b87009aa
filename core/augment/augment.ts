import type { Fact } from '../../contracts/knowledge.js';
import type { AugmentConfig } from '../../contracts/featureSettings.js';
import type { Columns } from '../../contracts/settings.js';
import type { ColumnBatch } from '../../contracts/table.js';
import { seeded } from '../random.js';
import { pickRows, texts } from '../table.js';
import { attributeFiller } from './attributes.js';
import { altered, type Synonyms } from './words.js';

/** Altered copies of rows. */
export interface Augmented {
  readonly batch: ColumnBatch;
  /** Which row each is a copy of, ascending. */
  readonly origins: Int32Array;
}

/**
 * Altered copies of training rows. A copy depends on the seed, its row's id and its number only, so that other rows
 * change nothing. Copies that came out like their row are left out.
 */
export function augmentRows(
  rows: ColumnBatch,
  columns: Pick<Columns, 'text' | 'attributes'>,
  config: AugmentConfig,
  { facts, seed }: { readonly facts: readonly Fact[]; readonly seed: number },
): Augmented {
  const ids = texts(rows, 'id');
  const synonyms = synonymsOf(config, facts);
  const fillers = config.attributes
    ? columns.attributes.map((name) => [name, attributeFiller(texts(rows, name))] as const)
    : [];
  const origins: number[] = [];
  const made: Record<string, (string | null)[]> = {};
  const cell = (name: string, row: number): string | null => texts(rows, name)[row] ?? null;
  for (let row = 0; row < rows.rows; row++) {
    for (let copy = 0; copy < config.copies; copy++) {
      const random = seeded(seed, `augment/${ids[row] ?? row}/${copy}`);
      const changed = new Map<string, string | null>();
      for (const name of columns.text) {
        const text = cell(name, row);
        changed.set(name, text === null ? null : altered(text, config, synonyms, random));
      }
      const text = columns.text.map((name) => cell(name, row) ?? '').join(' ');
      for (const [name, fill] of fillers) changed.set(name, fill(cell(name, row), text));
      if ([...changed].every(([name, value]) => value === cell(name, row))) continue;
      origins.push(row);
      for (const [name, value] of changed) (made[name] ??= []).push(value);
    }
  }
  const picked = pickRows(rows, Int32Array.from(origins));
  return { batch: { ...picked, columns: { ...picked.columns, ...made } }, origins: Int32Array.from(origins) };
}

/** The user's own, both ways between a node and what the graph says it is called. */
function synonymsOf({ synonyms }: AugmentConfig, facts: readonly Fact[]): Synonyms {
  const found = new Map<string, string[]>();
  const add = (word: string, other: string): void => {
    const key = word.toLowerCase();
    found.set(key, [...(found.get(key) ?? []), other]);
  };
  for (const [word, others] of Object.entries(synonyms)) for (const other of others) add(word, other);
  for (const [subject, relation, object] of facts) {
    if (relation !== 'called') continue;
    add(subject, object);
    add(object, subject);
  }
  return found;
}

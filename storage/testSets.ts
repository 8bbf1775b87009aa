import type { Sha256 } from '../contracts/artifact.js';
import type { ObjectStore } from '../contracts/store.js';

/**
 * Counts an opening of a frozen test set, by numbered create-only records `testsets/<sha256>/<k>.json`.
 * The same stage, asked again, gets the number it had.
 *
 * @returns 1 for the first opening
 */
export async function openTestSet(store: ObjectStore, testSet: Sha256, stageKey: Sha256): Promise<number> {
  const record = Buffer.from(JSON.stringify({ stageKey }));
  for (let number = 1; ; number++) {
    const key = `testsets/${testSet}/${String(number)}.json`;
    if ((await store.head(key)) === undefined && (await store.putIfAbsent(key, record)) !== undefined)
      return number;
    if (record.equals(await store.get(key))) return number;
  }
}

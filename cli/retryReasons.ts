import { isDeepStrictEqual } from 'node:util';
import type { Artifacts, CacheEntry, StageRequest } from '../contracts/stage.js';
import type { Shard } from '../workflows/shards.js';

const SHOWN_CHANGES = 3;

/**
 * What of a shard differs from the last time it ran, in words.
 *
 * @param entry of the last time; without it only what the key says is known
 * @param asked key and code version now
 * @param runId what the run is called in parameters
 */
export function changesOf(
  { seed, inputs }: Pick<Shard, 'seed' | 'inputs'>,
  params: StageRequest['params'],
  entry: CacheEntry | undefined,
  asked: { readonly stageKey: string; readonly codeVersion: string },
  runId: string,
): string[] {
  if (!entry) return ['what it was made of is no longer in the store'];
  if (asked.stageKey === entry.stageKey) return [];
  const words: string[] = [];
  if (isRecord(params) && params['runId'] === runId) words.push('it tells of the run itself');
  else words.push(...parameterChanges(entry.params, params));
  if (seed !== entry.seed) words.push(`parameter changed: seed ${entry.seed} → ${seed}`);
  const changed = changedInputs(entry.inputs, inputs);
  if (changed.length > 0) words.push(`input changed: ${changed.join(', ')}`);
  if (asked.codeVersion !== entry.codeVersion) words.push('its code changed');
  const isPending = Object.values(inputs).some((refs) => refs.some(isUnknown));
  if (words.length === 0 && !isPending)
    words.push('another engine, or another version or number of threads of it');
  return words;
}

function parameterChanges(before: unknown, after: unknown): string[] {
  const changes = differences(before, after, '');
  const shown = changes.slice(0, SHOWN_CHANGES).join('; ');
  const more = changes.length > SHOWN_CHANGES ? ` and ${changes.length - SHOWN_CHANGES} more` : '';
  return changes.length > 0 ? [`parameter changed: ${shown}${more}`] : [];
}

/** `features.words.minDocumentFrequency 2 → 3` of each value that differs. */
function differences(before: unknown, after: unknown, path: string): string[] {
  if (isDeepStrictEqual(before, after)) return [];
  if (!isRecord(before) || !isRecord(after)) return [`${path} ${short(before)} → ${short(after)}`];
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((key) =>
    differences(before[key], after[key], path === '' ? key : `${path}.${key}`),
  );
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const SHORT = 60;

function short(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > SHORT ? `${text.slice(0, SHORT)}…` : text;
}

const isUnknown = ({ sha256 }: Artifacts[string][number]): boolean => !/^[0-9a-f]+$/.test(sha256);

/** Those whose content is known and differs, with both hashes; what is not known yet is told elsewhere. */
function changedInputs(before: Artifacts, after: Artifacts): string[] {
  return Object.entries(after).flatMap(([name, refs]) => {
    if (refs.some(isUnknown)) return [];
    const [old, now] = [hashesOf(before[name]), hashesOf(refs)];
    return isDeepStrictEqual(old, now) ? [] : [`${name} ${firstOther(old, now)} → ${firstOther(now, old)}`];
  });
}

const hashesOf = (refs: Artifacts[string] = []): string[] => refs.map(({ sha256 }) => sha256);

const HASH_DIGITS = 8;

/** The first hash that the other list has not in its place. */
const firstOther = (hashes: readonly string[], others: readonly string[]): string =>
  hashes.find((hash, i) => hash !== others[i])?.slice(0, HASH_DIGITS) ?? 'nothing';

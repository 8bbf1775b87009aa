import { z } from 'zod';
import { ConfigError, StoreError } from '../contracts/errors.js';
import {
  AliasMove,
  ModelVersion,
  type ModelDraft,
  type ModelRegistry,
  type MoveRequest,
} from '../contracts/registry.js';
import type { ObjectStore } from '../contracts/store.js';
import { concurrently } from '../core/concurrently.js';
import { canonicalJson } from './hash.js';

/** Where the registry lies. */
export const MODELS = 'models/';

const READS_AT_ONCE = 16;

/**
 * The models of a store, as numbered create-only records: a number is taken once, whoever asks for it.
 *
 * @param now the clock that versions and moves are stamped with
 */
export function openRegistry(store: ObjectStore, now: () => Date = () => new Date()): ModelRegistry {
  const records = openRecords(store);
  const registry: ModelRegistry = {
    async names() {
      const found = new Set<string>();
      for await (const { key } of store.list(MODELS)) found.add(key.split('/')[1]!);
      return [...found].sort();
    },
    versions: (name) => records.all(versionsOf(name), ModelVersion),
    version: (name, version) => records.one(versionsOf(name), version, ModelVersion),
    async register(draft) {
      for (;;) {
        const known = await registry.versions(draft.name);
        const same = known.findLast((one) => isSameModel(one, draft));
        if (same) return same;
        const version = (known.at(-1)?.version ?? 0) + 1;
        const record = { ...draft, formatVersion: 1 as const, version, createdAt: now().toISOString() };
        if (await records.create(versionsOf(draft.name), version, ModelVersion.parse(record))) return record;
      }
    },
    moves: (name) => records.all(movesOf(name), AliasMove),
    async holder(name, alias) {
      const numbers = await records.numbers(movesOf(name));
      for (const number of numbers.reverse()) {
        const move = await records.one(movesOf(name), number, AliasMove);
        if (move?.alias === alias) return move;
      }
      return undefined;
    },
    async move(request) {
      const { name, expected, ...asked } = request;
      if (!(await registry.version(name, asked.version))) throw await noSuchVersion(registry, request);
      for (;;) {
        const numbers = await records.numbers(movesOf(name));
        const isHeldElsewhere = async (): Promise<boolean> =>
          ((await registry.holder(name, asked.alias))?.number ?? 0) !== expected;
        if (expected !== undefined && (await isHeldElsewhere())) return undefined;
        const number = (numbers.at(-1) ?? 0) + 1;
        const record: AliasMove = { ...asked, formatVersion: 1, number, at: now().toISOString() };
        if (await records.create(movesOf(name), number, AliasMove.parse(record))) return record;
      }
    },
  };
  return registry;
}

const versionsOf = (name: string): string => `${MODELS}${name}/versions/`;
const movesOf = (name: string): string => `${MODELS}${name}/alias/`;

/** Predicts the same, from the same rows, by the same settings. */
function isSameModel(one: ModelDraft, other: ModelDraft): boolean {
  const identity = ({ task, model, columns, treatment, policy, artifacts }: ModelDraft): string => {
    const { weights, featurizer, classes, dataset } = artifacts;
    const content = [weights, featurizer, classes, dataset].map(({ sha256 }) => sha256);
    return canonicalJson({ task, model, columns, treatment, policy, content });
  };
  return identity(one) === identity(other);
}

async function noSuchVersion(registry: ModelRegistry, { name, version }: MoveRequest): Promise<ConfigError> {
  const known = (await registry.versions(name)).map((one) => `${name}@${one.version}`);
  return new ConfigError(
    `there is no model ${name}@${version}; ${known.length === 0 ? `no version of ${name} is registered` : `there are ${known.join(', ')}`}`,
  );
}

/** Numbered records below a prefix: `<prefix><number>.json`. */
function openRecords(store: ObjectStore) {
  const keyOf = (prefix: string, number: number): string => `${prefix}${String(number)}.json`;
  const read = async <T>(key: string, schema: z.ZodType<T>): Promise<T> => {
    const text = new TextDecoder().decode(await store.get(key));
    try {
      return schema.parse(JSON.parse(text));
    } catch (cause) {
      const found = z.object({ formatVersion: z.number() }).safeParse(parsed(text)).data?.formatVersion;
      const why =
        found !== undefined && found !== 1 ? `has format ${found}, this Assay reads 1` : 'is damaged';
      throw new StoreError(`${store.description}: ${key} ${why}`, { cause });
    }
  };
  const numbers = async (prefix: string): Promise<number[]> => {
    const found: number[] = [];
    for await (const { key } of store.list(prefix)) {
      const number = Number(/^(\d+)\.json$/.exec(key.slice(prefix.length))?.[1]);
      if (Number.isInteger(number)) found.push(number);
    }
    return found.sort((a, b) => a - b);
  };
  return {
    numbers,
    async one<T>(prefix: string, number: number, schema: z.ZodType<T>): Promise<T | undefined> {
      const key = keyOf(prefix, number);
      return (await store.head(key)) === undefined ? undefined : read(key, schema);
    },
    async all<T>(prefix: string, schema: z.ZodType<T>): Promise<T[]> {
      const keys = (await numbers(prefix)).map((number) => keyOf(prefix, number));
      return concurrently(keys, READS_AT_ONCE, (key) => read(key, schema));
    },
    /** @returns false where the number is taken */
    create: async (prefix: string, number: number, record: object): Promise<boolean> =>
      (await store.putIfAbsent(keyOf(prefix, number), Buffer.from(canonicalJson(record)))) !== undefined,
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

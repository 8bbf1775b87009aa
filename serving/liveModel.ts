import type { ModelRegistry, ModelVersion } from '../contracts/registry.js';
import { ensembleOf, type Answerer } from './ensemble.js';
import type { ServedModel } from './servedModel.js';

/** A model to serve, and how much it counts. */
export interface Followed {
  readonly version: ModelVersion;
  /** The alias to follow; undefined: this version for good. */
  readonly alias?: string;
  readonly weight: number;
}

export interface LiveOptions {
  readonly registry: ModelRegistry;
  readonly load: (version: ModelVersion) => Promise<ServedModel>;
  readonly followed: readonly Followed[];
  /** Told of every swap, and of every one that failed: the old model then goes on answering. */
  readonly tell: (event: { readonly from: string; readonly to: string; readonly error?: unknown }) => void;
}

/**
 * What answers now. A new version is loaded and tried beside the old one and takes its place between two requests: a request
 * keeps the answerer that it began with, so that none fails and none is answered by two models.
 */
export class LiveModel {
  #current: Answerer;
  #members: readonly (Followed & { readonly model: ServedModel })[];
  #refreshing: Promise<void> | undefined;
  #swaps = 0;

  private constructor(
    readonly options: LiveOptions,
    members: readonly (Followed & { readonly model: ServedModel })[],
  ) {
    this.#members = members;
    this.#current = ensembleOf(members);
  }

  static async open(options: LiveOptions): Promise<LiveModel> {
    const members = [];
    for (const one of options.followed) members.push({ ...one, model: await options.load(one.version) });
    return new LiveModel(options, members);
  }

  get current(): Answerer {
    return this.#current;
  }

  /** How often another version took over. */
  get swaps(): number {
    return this.#swaps;
  }

  /** Looks where the aliases are, and swaps. Calls that come meanwhile wait for the one under way. */
  refresh(): Promise<void> {
    this.#refreshing ??= this.#refresh().finally(() => (this.#refreshing = undefined));
    return this.#refreshing;
  }

  async #refresh(): Promise<void> {
    const { registry, load, tell } = this.options;
    const from = this.#current.name;
    let wanted = from;
    try {
      const members = [];
      for (const member of this.#members) {
        const { version, alias } = member;
        const held = alias === undefined ? undefined : await registry.holder(version.name, alias);
        const isNew = held !== undefined && held.version !== version.version;
        const next = isNew ? await registry.version(version.name, held.version) : undefined;
        if (next) wanted = `${next.name}@${next.version}`;
        members.push(next ? { ...member, version: next, model: await load(next) } : member);
      }
      if (members.every((member, i) => member === this.#members[i])) return;
      const answerer = ensembleOf(members);
      warm(answerer);
      this.#members = members;
      this.#current = answerer;
      this.#swaps += 1;
      tell({ from, to: answerer.name });
    } catch (error) {
      tell({ from, to: wanted, error });
    }
  }
}

/** One answer before the first one that somebody waits for. */
function warm({ columns, probabilities }: Answerer): void {
  const batch = columns.map(({ name, isNumeric }) => [name, isNumeric ? Float64Array.of(0) : ['']] as const);
  probabilities({ rows: 1, columns: Object.fromEntries(batch) });
}

/** How artifacts came to be: a finished stage, what it read and what it wrote. Artifacts are named by their keys. */
export interface Derivation {
  readonly stageKey: string;
  readonly stage: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

export type Direction = 'backwards' | 'forwards';

/** An artifact in a tree of where it came from, or of what was made of it. */
export interface LineageNode {
  readonly artifact: string;
  /** Stages between its parent in the tree and it, each once; empty for the root. */
  readonly stages: readonly string[];
  readonly children: readonly LineageNode[];
  /** Its children are shown where it came up first. */
  readonly isRepeated: boolean;
}

/** The artifacts next to one, with the stages in between, in the order of the derivations. */
function neighbours(
  derivations: readonly Derivation[],
  direction: Direction,
): Map<string, Map<string, string[]>> {
  const found = new Map<string, Map<string, string[]>>();
  for (const { stage, inputs, outputs } of derivations) {
    const [near, far] = direction === 'forwards' ? [inputs, outputs] : [outputs, inputs];
    for (const from of near) {
      const next = found.get(from) ?? new Map<string, string[]>();
      found.set(from, next);
      for (const to of far) {
        const stages = next.get(to) ?? [];
        if (!stages.includes(stage)) next.set(to, [...stages, stage]);
      }
    }
  }
  return found;
}

/** What an artifact was made of, or what was made of it, as a tree in which every artifact is unfolded once. */
export function lineageTree(
  derivations: readonly Derivation[],
  root: string,
  direction: Direction,
): LineageNode {
  const next = neighbours(derivations, direction);
  const seen = new Set<string>();
  const unfold = (artifact: string, stages: readonly string[]): LineageNode => {
    const isRepeated = seen.has(artifact);
    seen.add(artifact);
    const children = isRepeated ? [] : [...(next.get(artifact) ?? [])];
    return { artifact, stages, isRepeated, children: children.map(([to, via]) => unfold(to, via)) };
  };
  return unfold(root, []);
}

/** What depends on some data. */
export interface Tainted {
  readonly artifacts: ReadonlySet<string>;
  /** By stage key. */
  readonly stages: ReadonlySet<string>;
}

/**
 * What depends on data that some artifacts hold. A stage depends on it when it read something that does. So does what it
 * wrote, except artifacts that were looked into and don't hold the data, and content that another stage, which does not
 * depend on it, made just so.
 *
 * @param holders artifacts that hold the data themselves
 * @param examined artifacts of which it is known whether they hold it
 */
export function dependentsOf(
  derivations: readonly Derivation[],
  holders: ReadonlySet<string>,
  examined: ReadonlySet<string>,
): Tainted {
  const artifacts = new Set(holders);
  const stages = new Set<string>();
  const clean = new Map<string, number>(); // by artifact: how many independent stages make it
  for (const { outputs } of derivations) {
    for (const output of new Set(outputs)) clean.set(output, (clean.get(output) ?? 0) + 1);
  }
  const readers = new Map<string, Derivation[]>();
  for (const derivation of derivations) {
    for (const input of new Set(derivation.inputs))
      readers.set(input, [...(readers.get(input) ?? []), derivation]);
  }
  const waiting = [...artifacts];
  for (let artifact = waiting.pop(); artifact !== undefined; artifact = waiting.pop()) {
    for (const { stageKey, outputs } of readers.get(artifact) ?? []) {
      if (stages.has(stageKey)) continue;
      stages.add(stageKey);
      for (const output of new Set(outputs)) {
        const left = clean.get(output)! - 1;
        clean.set(output, left);
        if (left > 0 || examined.has(output) || artifacts.has(output)) continue;
        artifacts.add(output);
        waiting.push(output);
      }
    }
  }
  return { artifacts, stages };
}

import { DataError } from '../../contracts/errors.js';
import type { Fact } from '../../contracts/knowledge.js';
import { spelled } from './phrases.js';

/** Facts, ready to be asked. Names of nodes are as written; they are found in texts in any case. */
export interface KnowledgeGraph {
  /** Nodes that a text names: by a node's own name, or by what it is called. */
  mentions(text: string): ReadonlySet<string>;
  /** What is known of a node, itself first: `is_a=Footwear` of it and of all that it is, and other facts of these. */
  factsOf(node: string): readonly string[];
  /**
   * Whether a target fits what a text names: 1 = a node it names is, or is above or below, the target; −1 = all that it
   * names are elsewhere in the taxonomy; 0 = it names nothing, or the target is not in the taxonomy.
   */
  fits(named: ReadonlySet<string>, target: string): -1 | 0 | 1;
}

const IS_A = 'is_a';
const CALLED = 'called';

/**
 * A product taxonomy and what is known of its nodes.
 *
 * @throws DataError where something is, by and by, itself
 */
export function knowledgeGraph(facts: readonly Fact[]): KnowledgeGraph {
  const parents = grouped(facts.filter(([, relation]) => relation === IS_A));
  const others = facts.filter(([, relation]) => relation !== IS_A && relation !== CALLED);
  const known = new Map<string, string[]>();
  for (const [subject, relation, object] of others) append(known, subject, `${relation}=${object}`);
  const above = lineages(parents);
  const inTaxonomy = new Set(facts.flatMap(([s, relation, o]) => (relation === IS_A ? [s, o] : [])));
  const index = phraseIndex(facts, new Set([...inTaxonomy, ...known.keys()]));
  const lineage = (node: string): readonly string[] => above.get(node) ?? [node];
  return {
    mentions: (text) => mentionsIn(text, index),
    factsOf: (node) =>
      lineage(node).flatMap((each) => [
        ...(inTaxonomy.has(each) ? [`${IS_A}=${each}`] : []),
        ...(known.get(each) ?? []),
      ]),
    fits(named, target) {
      const placed = [...named].filter((node) => inTaxonomy.has(node));
      if (placed.length === 0 || !inTaxonomy.has(target)) return 0;
      const fits = placed.some((node) => lineage(node).includes(target) || lineage(target).includes(node));
      return fits ? 1 : -1;
    },
  };
}

function append(lists: Map<string, string[]>, key: string, value: string): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}

function grouped(facts: readonly Fact[]): Map<string, string[]> {
  const objects = new Map<string, string[]>();
  for (const [subject, , object] of facts) append(objects, subject, object);
  return objects;
}

/** Every node with all that it is, nearest first. */
function lineages(parents: ReadonlyMap<string, readonly string[]>): Map<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  const climb = (node: string, path: readonly string[]): readonly string[] => {
    if (path.includes(node)) {
      const circle = [...path.slice(path.indexOf(node)), node].join(' is_a ');
      throw new DataError(
        `knowledge.graph: ${circle}: nothing can be a part of itself; take one of these out`,
      );
    }
    const ready = found.get(node);
    if (ready) return ready;
    const upwards = (parents.get(node) ?? []).flatMap((parent) => climb(parent, [...path, node]));
    const lineage = [...new Set([node, ...upwards])];
    found.set(node, lineage);
    return lineage;
  };
  for (const node of parents.keys()) climb(node, []);
  return found;
}

/** Phrase → nodes, and the length of the longest phrase in words. */
interface PhraseIndex {
  readonly nodes: ReadonlyMap<string, readonly string[]>;
  readonly longest: number;
}

function phraseIndex(facts: readonly Fact[], nodes: ReadonlySet<string>): PhraseIndex {
  const found = new Map<string, string[]>();
  const add = (phrase: string, node: string): void => {
    const key = spelled(phrase).trim();
    if (key !== '' && !found.get(key)?.includes(node)) append(found, key, node);
  };
  for (const node of nodes) add(node, node);
  for (const [subject, relation, object] of facts) if (relation === CALLED) add(object, subject);
  const longest = Math.max(0, ...[...found.keys()].map((phrase) => phrase.split(' ').length));
  return { nodes: found, longest };
}

function mentionsIn(text: string, { nodes, longest }: PhraseIndex): Set<string> {
  const words = spelled(text).trim().split(' ');
  const named = new Set<string>();
  for (let from = 0; from < words.length; from++) {
    for (let length = 1; length <= longest && from + length <= words.length; length++) {
      const phrase = words.slice(from, from + length).join(' ');
      for (const node of nodes.get(phrase) ?? []) named.add(node);
    }
  }
  return named;
}

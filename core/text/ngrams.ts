import { IntList } from './intList.js';
import { grouped, ranks } from './termOrder.js';
import type { Bounds } from './tokenize.js';
import { doubled, mix, UnitTable, type UnitColumns } from './units.js';

const hashPair = (node: number, unit: number): number =>
  mix(Math.imul(node, 0x9e3779b1) ^ Math.imul(unit, 0x85ebca77));

const PARENT = 0;
const UNIT = 1;
/** Where in a record what is counted of an n-gram begins. */
export const COUNTED = 2;

/** 1 where a node is wanted, or on the way to one that is. @param records a prefix comes before what it is a prefix of */
function withPrefixes(records: Int32Array, width: number, isWanted: (record: number) => boolean): Uint8Array {
  const found = new Uint8Array(records.length / width);
  for (let node = found.length - 1; node >= 0; node--) {
    const at = node * width;
    if (isWanted(at)) found[node] = 1;
    if (found[node] === 1 && records[at + PARENT]! >= 0) found[records[at + PARENT]!] = 1;
  }
  return found;
}

/** An NgramTrie as it lies in memory; handed from thread to thread without a copy. */
export interface TrieColumns {
  readonly units: UnitColumns;
  readonly records: Int32Array; // (nodes × width)
}

/**
 * N-grams as nodes of a trie over units (words or characters), numbered as they come: an n-gram is its prefix and one
 * more unit, so that looking it up makes no string. All of a node stands in one record: large tries lie in no cache, and
 * each further place to look at would be one more wait for memory.
 */
export class NgramTrie {
  private readonly units = new UnitTable();
  private readonly nodes = new IntList(); // (nodes × width): parent (-1 for a unigram), unit, what is counted
  private slots = new Int32Array(1 << 13).fill(-1); // hash, node
  private children = 0;
  private readonly row = new IntList();
  private readonly prefixes = new IntList();
  /** Nodes of the text walked last. */
  readonly found = new IntList();
  readonly width: number;
  size = 0;

  /**
   * @param separator between the units of an n-gram's text
   * @param counters numbers that are counted of each n-gram, 0 at first
   */
  constructor(
    private readonly separator: string,
    counters: number,
  ) {
    this.width = COUNTED + counters;
  }

  /** Records of all nodes: node n begins at n · width, its counters at COUNTED behind that. Taken anew after a walk that adds. */
  get records(): Int32Array {
    return this.nodes.values;
  }

  /** Finds the node of every n-gram of a text, low ≤ n ≤ high; unknown ones are added or left out. */
  walk(
    text: string,
    { count, starts, ends }: Bounds,
    [low, high]: readonly [number, number],
    add: boolean,
  ): IntList {
    const { found, row, prefixes } = this;
    row.reserve(count);
    prefixes.reserve(count);
    found.length = 0;
    found.reserve(count * (high - low + 1));
    const [units, nodes] = [row.values, prefixes.values];
    for (let i = 0; i < count; i++) units[i] = this.units.find(text, starts[i]!, ends[i]!, add);
    for (let i = 0; i < count; i++) {
      const node = this.unigram(units[i]!, add);
      nodes[i] = node;
      if (node >= 0 && low === 1) found.values[found.length++] = node;
    }
    // A length at a time: look-ups that don't wait for each other.
    for (let order = 2; order <= high && order <= count; order++) {
      for (let i = 0; i + order <= count; i++) {
        const node = this.child(nodes[i]!, units[i + order - 1]!, add);
        nodes[i] = node;
        if (node >= 0 && order >= low) found.values[found.length++] = node;
      }
    }
    return found;
  }

  /** Adds one n-gram, and its prefixes. */
  insert(text: string, bounds: Bounds): number {
    const { values } = this.walk(text, bounds, [bounds.count, bounds.count], true);
    return values[0]!;
  }

  /** The trie, to be handed over: it is not to be used any more. */
  columns(): TrieColumns {
    return { units: this.units.columns(), records: this.nodes.values.subarray(0, this.size * this.width) };
  }

  /**
   * Adds the n-grams of another trie of as many counters.
   *
   * @param take is told of its nodes and ours: of their records
   * @param isWanted whether a node, by its record there, is added where it is not known here
   */
  absorb(
    { units, records }: TrieColumns,
    take: (ours: number, theirs: number) => void,
    isWanted: (record: number) => boolean,
  ): void {
    const unitOf = this.units.absorb(units);
    const isAdded = withPrefixes(records, this.width, isWanted);
    const nodeOf = new Int32Array(records.length / this.width);
    for (let theirs = 0; theirs < nodeOf.length; theirs++) {
      const at = theirs * this.width;
      const parent = records[at + PARENT]!;
      const unit = unitOf[records[at + UNIT]!]!;
      const add = isAdded[theirs] === 1;
      const ours = parent < 0 ? this.unigram(unit, add) : this.child(nodeOf[parent]!, unit, add);
      nodeOf[theirs] = ours; // a prefix comes before what it is a prefix of
      if (ours >= 0) take(ours * this.width, at);
    }
  }

  /** The nodes whose records are chosen, in the order of their texts by code point. */
  ordered(isChosen: (record: number) => boolean): Int32Array {
    const { values } = this.nodes;
    const isNeeded = withPrefixes(values.subarray(0, this.size * this.width), this.width, isChosen);
    return this.preorder(isNeeded).filter((node) => isChosen(node * this.width));
  }

  /** Texts of nodes. */
  texts(nodes: Int32Array): string[] {
    const { values } = this.nodes;
    const units = this.units.texts();
    const text = (node: number): string => {
      const parent = values[node * this.width + PARENT]!;
      const last = units[values[node * this.width + UNIT]!]!;
      return parent < 0 ? last : text(parent) + this.separator + last;
    };
    return Array.from(nodes, text);
  }

  /**
   * Needed nodes, each before those that it is a prefix of, siblings by rank. That is the order of texts: a separator comes
   * before all that words are made of, and characters have none.
   */
  private preorder(isNeeded: Uint8Array): Int32Array {
    const { values } = this.nodes;
    const rank = ranks(this.units.texts());
    const needed = Int32Array.from(isNeeded.keys()).filter((node) => isNeeded[node]! > 0);
    const rankOf = (node: number): number => rank[values[node * this.width + UNIT]!]!;
    const groupOf = (node: number): number => values[node * this.width + PARENT]! + 1;
    const byRank = grouped(needed, rank.length, rankOf).sorted;
    const { sorted, starts } = grouped(byRank, this.size + 1, groupOf);
    const order = new Int32Array(needed.length);
    let length = 0;
    const visit = (group: number): void => {
      for (let i = starts[group]!; i < starts[group + 1]!; i++) {
        const node = sorted[i]!;
        order[length++] = node;
        visit(node + 1);
      }
    };
    visit(0);
    return order;
  }

  private unigram(unit: number, add: boolean): number {
    if (unit < 0) return -1;
    const node = this.units.nodeOf(unit);
    if (node >= 0 || !add) return node;
    const added = this.addNode(-1, unit);
    this.units.keep(unit, added);
    return added;
  }

  private child(parent: number, unit: number, add: boolean): number {
    if (parent < 0 || unit < 0) return -1;
    const { slots, width } = this;
    const { values } = this.nodes;
    const mask = slots.length - 2;
    const hash = hashPair(parent, unit);
    for (let slot = (hash << 1) & mask; ; slot = (slot + 2) & mask) {
      const node = slots[slot + 1]!;
      if (node < 0) return add ? this.addChild(parent, unit, hash, slot) : -1;
      if (slots[slot] !== hash) continue;
      if (values[node * width + PARENT] === parent && values[node * width + UNIT] === unit) return node;
    }
  }

  private addChild(parent: number, unit: number, hash: number, slot: number): number {
    const node = this.addNode(parent, unit);
    this.slots[slot] = hash;
    this.slots[slot + 1] = node;
    if (++this.children * 3 > this.slots.length) this.slots = doubled(this.slots);
    return node;
  }

  private addNode(parent: number, unit: number): number {
    const at = this.size * this.width;
    this.nodes.reserve(at + this.width);
    this.nodes.values[at + PARENT] = parent;
    this.nodes.values[at + UNIT] = unit;
    return this.size++;
  }
}

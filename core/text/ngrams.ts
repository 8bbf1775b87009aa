import type { Bounds } from './tokenize.js';

/** A growing Int32Array. */
export class IntList {
  values: Int32Array;
  length = 0;

  constructor(capacity = 1024) {
    this.values = new Int32Array(capacity);
  }

  push(value: number): void {
    if (this.length === this.values.length) this.reserve(this.length * 2);
    this.values[this.length++] = value;
  }

  /** Makes room for `capacity` entries; new ones are 0. */
  reserve(capacity: number): void {
    if (capacity <= this.values.length) return;
    const grown = new Int32Array(Math.max(capacity, this.values.length * 2));
    grown.set(this.values);
    this.values = grown;
  }
}

const mix = (hash: number): number => {
  const h = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return h ^ (h >>> 13);
};

/** Distinct words or characters, numbered as they come. Open addressing over a pool of UTF-16 units. */
class UnitTable {
  private slots = new Int32Array(1 << 12).fill(-1);
  private pool = new Uint16Array(1 << 14);
  private readonly starts = new IntList(); // (units + 1,), into the pool
  private readonly hashes = new IntList();
  size = 0;

  constructor() {
    this.starts.push(0);
  }

  /** Number of the unit text.slice(start, end); -1 if it is new and must not be added. */
  find(text: string, start: number, end: number, add: boolean): number {
    let hash = 0;
    for (let i = start; i < end; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
    hash = mix(hash);
    const mask = this.slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const unit = this.slots[slot]!;
      if (unit < 0) return add ? this.add(text, start, end, hash, slot) : -1;
      if (this.hashes.values[unit] === hash && this.equals(unit, text, start, end)) return unit;
    }
  }

  text(unit: number): string {
    const units = this.pool.subarray(this.starts.values[unit], this.starts.values[unit + 1]);
    let text = '';
    for (const code of units) text += String.fromCharCode(code);
    return text;
  }

  private equals(unit: number, text: string, start: number, end: number): boolean {
    const from = this.starts.values[unit]!;
    if (this.starts.values[unit + 1]! - from !== end - start) return false;
    for (let i = 0; i < end - start; i++) {
      if (this.pool[from + i] !== text.charCodeAt(start + i)) return false;
    }
    return true;
  }

  private add(text: string, start: number, end: number, hash: number, slot: number): number {
    const from = this.starts.values[this.size]!;
    const to = from + end - start;
    if (to > this.pool.length) {
      const grown = new Uint16Array(Math.max(to, this.pool.length * 2));
      grown.set(this.pool);
      this.pool = grown;
    }
    for (let i = start; i < end; i++) this.pool[from + i - start] = text.charCodeAt(i);
    this.starts.push(to);
    this.hashes.push(hash);
    this.slots[slot] = this.size++;
    if (this.size * 2 > this.slots.length) this.rehash();
    return this.size - 1;
  }

  private rehash(): void {
    const slots = new Int32Array(this.slots.length * 2).fill(-1);
    const mask = slots.length - 1;
    for (let unit = 0; unit < this.size; unit++) {
      let slot = this.hashes.values[unit]! & mask;
      while (slots[slot]! >= 0) slot = (slot + 1) & mask;
      slots[slot] = unit;
    }
    this.slots = slots;
  }
}

const hashPair = (node: number, unit: number): number =>
  mix(Math.imul(node, 0x9e3779b1) ^ Math.imul(unit, 0x85ebca77));

/**
 * N-grams as nodes of a trie over units (words or characters), numbered as they come: an n-gram is its prefix and one
 * more unit, so that looking it up makes no string.
 */
export class NgramTrie {
  private readonly units = new UnitTable();
  private readonly unigrams = new IntList(); // unit -> node, -1 = none
  private readonly parents = new IntList(); // node -> node, -1 for a unigram
  private readonly lastUnits = new IntList(); // node -> unit
  private slots = new Int32Array(1 << 12).fill(-1);
  private children = 0;
  private readonly row = new IntList();

  /** @param separator between the units of an n-gram's text */
  constructor(private readonly separator: string) {}

  get size(): number {
    return this.parents.length;
  }

  /** Calls `visit` with the node of every n-gram of a text, low ≤ n ≤ high; unknown ones are added or left out. */
  walk(
    text: string,
    bounds: Bounds,
    [low, high]: readonly [number, number],
    add: boolean,
    visit: (node: number) => void,
  ): void {
    const { count } = bounds;
    this.row.reserve(count);
    const units = this.row.values;
    for (let i = 0; i < count; i++) {
      units[i] = this.units.find(text, bounds.starts[i]!, bounds.ends[i]!, add);
    }
    for (let i = 0; i < count; i++) {
      let node = this.unigram(units[i]!, add);
      if (node >= 0 && low === 1) visit(node);
      for (let order = 2; node >= 0 && order <= high && i + order <= count; order++) {
        node = this.child(node, units[i + order - 1]!, add);
        if (node >= 0 && order >= low) visit(node);
      }
    }
  }

  /** Adds one n-gram, and its prefixes. */
  insert(text: string, bounds: Bounds): number {
    let last = -1;
    this.walk(text, bounds, [bounds.count, bounds.count], true, (node) => (last = node));
    return last;
  }

  text(node: number): string {
    const parent = this.parents.values[node]!;
    const last = this.units.text(this.lastUnits.values[node]!);
    return parent < 0 ? last : this.text(parent) + this.separator + last;
  }

  private unigram(unit: number, add: boolean): number {
    if (unit < 0) return -1;
    while (this.unigrams.length <= unit) this.unigrams.push(-1);
    const node = this.unigrams.values[unit]!;
    if (node >= 0 || !add) return node;
    return (this.unigrams.values[unit] = this.addNode(-1, unit));
  }

  private child(parent: number, unit: number, add: boolean): number {
    if (unit < 0) return -1;
    const mask = this.slots.length - 1;
    for (let slot = hashPair(parent, unit) & mask; ; slot = (slot + 1) & mask) {
      const node = this.slots[slot]!;
      if (node < 0) return add ? this.addChild(parent, unit, slot) : -1;
      if (this.parents.values[node] === parent && this.lastUnits.values[node] === unit) return node;
    }
  }

  private addChild(parent: number, unit: number, slot: number): number {
    const node = this.addNode(parent, unit);
    this.slots[slot] = node;
    if (++this.children * 2 > this.slots.length) this.rehash();
    return node;
  }

  private addNode(parent: number, unit: number): number {
    this.parents.push(parent);
    this.lastUnits.push(unit);
    return this.parents.length - 1;
  }

  private rehash(): void {
    const slots = new Int32Array(this.slots.length * 2).fill(-1);
    const mask = slots.length - 1;
    for (let node = 0; node < this.size; node++) {
      const parent = this.parents.values[node]!;
      if (parent < 0) continue;
      let slot = hashPair(parent, this.lastUnits.values[node]!) & mask;
      while (slots[slot]! >= 0) slot = (slot + 1) & mask;
      slots[slot] = node;
    }
    this.slots = slots;
  }
}

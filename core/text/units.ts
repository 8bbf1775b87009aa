import { IntList } from './intList.js';

export const mix = (hash: number): number => {
  const h = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return h ^ (h >>> 13);
};

/** Distinct words or characters as they lie in memory; handed from thread to thread without a copy. */
export interface UnitColumns {
  readonly pool: Uint16Array; // UTF-16, one after the other
  readonly ends: Int32Array; // (units,), into the pool
}

const START = 0;
const END = 1;
const NODE = 2;
const WIDTH = 4; // numbers a unit: two units share no line of the cache with a third

/** Distinct words or characters, numbered as they come. Open addressing over a pool of UTF-16 units. */
export class UnitTable {
  private slots = new Int32Array(1 << 13).fill(-1); // hash, unit
  private pool = new Uint16Array(1 << 14);
  private readonly records = new IntList(); // (units × WIDTH)
  private used = 0; // of the pool
  size = 0;

  /** Number of the unit text.slice(start, end); -1 if it is new and must not be added. */
  find(text: string, start: number, end: number, add: boolean): number {
    let hash = 0;
    for (let i = start; i < end; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
    hash = mix(hash);
    const mask = this.slots.length - 2;
    for (let slot = (hash << 1) & mask; ; slot = (slot + 2) & mask) {
      const unit = this.slots[slot + 1]!;
      if (unit < 0) return add ? this.add(text, start, end, hash, slot) : -1;
      if (this.slots[slot] === hash && this.equals(unit, text, start, end)) return unit;
    }
  }

  /** What was kept with a unit; -1 at first. */
  nodeOf(unit: number): number {
    return this.records.values[unit * WIDTH + NODE]!;
  }

  keep(unit: number, node: number): void {
    this.records.values[unit * WIDTH + NODE] = node;
  }

  texts(): string[] {
    const { pool, ends } = this.columns();
    return Array.from(ends, (end, unit) => textOf(pool.subarray(ends[unit - 1] ?? 0, end)));
  }

  /** Adds the units of another table. @returns our number of each */
  absorb({ pool, ends }: UnitColumns): Int32Array {
    return ends.map((end, unit) => {
      const text = textOf(pool.subarray(ends[unit - 1] ?? 0, end));
      return this.find(text, 0, text.length, true);
    });
  }

  columns(): UnitColumns {
    const ends = Int32Array.from(
      { length: this.size },
      (_, unit) => this.records.values[unit * WIDTH + END]!,
    );
    return { pool: this.pool.slice(0, this.used), ends };
  }

  private equals(unit: number, text: string, start: number, end: number): boolean {
    const at = unit * WIDTH;
    const from = this.records.values[at + START]!;
    if (this.records.values[at + END]! - from !== end - start) return false;
    for (let i = 0; i < end - start; i++) {
      if (this.pool[from + i] !== text.charCodeAt(start + i)) return false;
    }
    return true;
  }

  private add(text: string, start: number, end: number, hash: number, slot: number): number {
    const from = this.used;
    const to = from + end - start;
    if (to > this.pool.length) {
      const grown = new Uint16Array(Math.max(to, this.pool.length * 2));
      grown.set(this.pool);
      this.pool = grown;
    }
    for (let i = start; i < end; i++) this.pool[from + i - start] = text.charCodeAt(i);
    this.used = to;
    for (const value of [from, to, -1, 0]) this.records.push(value);
    this.slots[slot] = hash;
    this.slots[slot + 1] = this.size++;
    if (this.size * 4 > this.slots.length) this.slots = doubled(this.slots);
    return this.size - 1;
  }
}

/** Of any length: arguments of a call are limited. */
function textOf(units: Uint16Array): string {
  let text = '';
  for (let at = 0; at < units.length; at += 8192)
    text += String.fromCharCode(...units.subarray(at, at + 8192));
  return text;
}

/** Slots of pairs (hash, number or -1) in twice the room. */
export function doubled(slots: Int32Array): Int32Array<ArrayBuffer> {
  const grown = new Int32Array(slots.length * 2).fill(-1);
  const mask = grown.length - 2;
  for (let at = 0; at < slots.length; at += 2) {
    if (slots[at + 1]! < 0) continue;
    let slot = (slots[at]! << 1) & mask;
    while (grown[slot + 1]! >= 0) slot = (slot + 2) & mask;
    grown[slot] = slots[at]!;
    grown[slot + 1] = slots[at + 1]!;
  }
  return grown;
}

/** From here on, room grows by half instead of twice. */
const LARGE = 1 << 24;

/** A growing Int32Array. */
export class IntList {
  values: Int32Array;
  length = 0;

  constructor(capacity = 1024) {
    this.values = new Int32Array(capacity);
  }

  push(value: number): void {
    if (this.length === this.values.length) this.reserve(this.length + 1);
    this.values[this.length++] = value;
  }

  /** Makes room for `capacity` entries; new ones are 0. */
  reserve(capacity: number): void {
    const { length } = this.values;
    if (capacity <= length) return;
    const grown = new Int32Array(Math.max(capacity, length + (length < LARGE ? length : length >> 1)));
    grown.set(this.values);
    this.values = grown;
  }
}

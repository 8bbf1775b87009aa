/**
 * Preloaded into a worker and its trainer children: their clock is off by what the file ASSAY_TEST_CLOCK says, in
 * milliseconds, and jumps when that changes. Monotonic time (`performance.now()`) does not jump, as on a real machine.
 */
import { readFileSync } from 'node:fs';

const LOOKS_EVERY_MS = 20;

const RealDate = Date;
const path = process.env['ASSAY_TEST_CLOCK'] ?? '';
let offsetMs = 0;
let lookedAtMs = -Infinity;

function now(): number {
  if (performance.now() - lookedAtMs > LOOKS_EVERY_MS) {
    lookedAtMs = performance.now();
    // The file may be read while it is written.
    offsetMs = Number(readFileSync(path, 'utf8')) || offsetMs;
  }
  return RealDate.now() + offsetMs;
}

globalThis.Date = new Proxy(RealDate, {
  construct: (target, args: unknown[], newTarget) =>
    Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget) as object,
  get: (target, name) => (name === 'now' ? now : (Reflect.get(target, name) as unknown)),
});

import type { Estimate } from '../contracts/summary.js';

const WHOLE = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const MINUS = '−';

/** `18,973` */
export const count = (value: number): string => WHOLE.format(value);

/** Fixed decimals, with a real minus sign; `–` where there is no number. */
export function decimal(value: number, digits = 3): string {
  if (!Number.isFinite(value)) return '–';
  const text = value.toFixed(digits);
  return Number(text) === 0 ? text.replace('-', '') : text.replace('-', MINUS);
}

/** `+0.028`, `−0.003`, `0.000` */
export function signed(value: number, digits = 3): string {
  const text = decimal(value, digits);
  return Number.isFinite(value) && Number(value.toFixed(digits)) > 0 ? `+${text}` : text;
}

/** A share as `81%` */
export const percent = (share: number, digits = 0): string =>
  Number.isFinite(share) ? `${decimal(share * 100, digits)}%` : '–';

/** `0.859 – 0.881` */
export const interval = ({ low, high }: Estimate, digits = 3): string =>
  `${decimal(low, digits)} – ${decimal(high, digits)}`;

/** `0.4 s`, `33.7 s`, `2 min 05 s`, `1 h 04 min` */
export function duration(ms: number): string {
  if (!Number.isFinite(ms) || ms < 0) return '–';
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  const pad = (value: number): string => String(value).padStart(2, '0');
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${pad(seconds % 60)} s`;
  return `${Math.floor(seconds / 3600)} h ${pad(Math.floor((seconds % 3600) / 60))} min`;
}

/** `2026-11-24 09:12:03 UTC` */
export const instant = (ms: number): string =>
  Number.isFinite(ms) ? `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC` : '–';

const RIGHT_TO_LEFT =
  /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}]/u;

/** A text of data within a sentence of ours: what is written from right to left doesn't carry our numbers along. */
export const isolated = (text: string): string => (RIGHT_TO_LEFT.test(text) ? `\u2068${text}\u2069` : text); // first strong isolate, and its end

/** p-values never read as zero: `< 0.001`, `0.022` */
export const pValue = (value: number): string => (value < 0.001 ? '< 0.001' : decimal(value));

/** A figure of a stage: whole numbers grouped, others to four significant digits. */
export const figure = (value: number | string): string =>
  typeof value === 'string'
    ? value
    : Number.isInteger(value)
      ? count(value)
      : String(Number(value.toPrecision(4))).replace('-', MINUS);

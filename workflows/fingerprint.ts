const MULTIPLIERS = [597_399_067, 2_869_860_233, 951_274_213, 2_716_044_179] as const;

/**
 * 128 bits of a text, in hexadecimal: equal texts give equal ones, others practically never. Not for secrets. Here, since
 * a workflow's sandbox has no hashes of its own.
 *
 * @source cyrb128 (bryc, public domain), over UTF-16 code units
 */
export function fingerprint(text: string): string {
  const [m1, m2, m3, m4] = MULTIPLIERS;
  let [h1, h2, h3, h4] = [1_779_033_703, 3_144_134_277, 1_013_904_242, 2_773_480_762];
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    h1 = h2 ^ Math.imul(h1 ^ code, m1);
    h2 = h3 ^ Math.imul(h2 ^ code, m2);
    h3 = h4 ^ Math.imul(h3 ^ code, m3);
    h4 = h1 ^ Math.imul(h4 ^ code, m4);
  }
  h1 = Math.imul(h3 ^ (h1 >>> 18), m1);
  h2 = Math.imul(h4 ^ (h2 >>> 22), m2);
  h3 = Math.imul(h1 ^ (h3 >>> 17), m3);
  h4 = Math.imul(h2 ^ (h4 >>> 19), m4);
  h1 ^= h2 ^ h3 ^ h4;
  return [h1, h2 ^ h1, h3 ^ h1, h4 ^ h1].map((h) => (h >>> 0).toString(16).padStart(8, '0')).join('');
}

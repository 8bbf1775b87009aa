/** `scheme://user:password@host` */
const IN_URL = /\b([a-z][a-z0-9+.-]*:\/\/)[^\s/:@]*:[^\s/@]+@/gi;

/** Whether a text has a URL with a password in it. Such a text belongs into no configuration and no history. */
export const hasCredentials = (text: string): boolean => text.search(IN_URL) >= 0;

/** The text with `…` in place of users and passwords in URLs. */
export const withoutCredentials = (text: string): string => text.replace(IN_URL, '$1…@');

/** Path of the first text with a password in it, in plain data; undefined where there is none. */
export function credentialsIn(value: unknown): PropertyKey[] | undefined {
  if (typeof value === 'string') return hasCredentials(value) ? [] : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [key, inner] of Object.entries(value)) {
    const found = credentialsIn(inner);
    if (found) return [Array.isArray(value) ? Number(key) : key, ...found];
  }
  return undefined;
}

import { existsSync } from 'node:fs';
import { chromium, type Browser, type Page } from 'playwright-core';

const CHROMIUM = [
  process.env['CHROMIUM_PATH'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find((path) => path !== undefined && existsSync(path));

/** Why tests of pages are left out, or false. */
export const NO_BROWSER =
  CHROMIUM === undefined
    ? 'no Chromium: install it or set CHROMIUM_PATH; pages were NOT checked in a browser'
    : false;

export const launchBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: CHROMIUM ?? '', args: ['--no-sandbox'] });

/** A page that was opened, and whatever it complained of or asked for. */
export interface Opened {
  readonly page: Page;
  readonly complaints: string[];
}

interface Look {
  readonly width?: number;
  readonly colorScheme?: 'light' | 'dark';
}

/** An empty page that notes errors, messages and requests to anywhere but `origin`. */
export async function blankPage(
  browser: Browser,
  { width = 1200, colorScheme = 'light' }: Look = {},
  origin = 'about:',
): Promise<Opened> {
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => {
    const url = request.url();
    if (!/^(about|data):/.test(url) && !url.startsWith(origin)) complaints.push(`request: ${url}`);
  });
  return { page, complaints };
}

export const HOSTILE = `</style></title></script><script>document.title='pwned'</script><img src=x onerror="document.title='pwned'">"'><a href="javascript:0">x</a>]]>--><svg onload="document.title='pwned'">\u202e`;

/** Every text in a value made hostile, but for the words in `ours`. */
export function spoiled<T>(value: T, ours: ReadonlySet<string>): T {
  const spoil = (one: unknown): unknown => {
    if (typeof one === 'string') return ours.has(one) ? one : `${one.slice(0, 8)}${HOSTILE}`;
    if (Array.isArray(one)) return one.map(spoil);
    if (typeof one !== 'object' || one === null) return one;
    return Object.fromEntries(Object.entries(one).map(([key, inner]) => [key, spoil(inner)]));
  };
  return spoil(value) as T;
}

import { readFileSync } from 'node:fs';
import { ConfigError } from '../../contracts/errors.js';

/** Keys that payloads are encrypted with; the first one writes, all of them read. */
export type CodecKeys = readonly { readonly id: string; readonly key: Buffer }[];

const KEY_BYTES = 32;
const HOW =
  'expected ID:KEY, the key 32 bytes in base64, one or several (the first one writes), as in ' +
  '`ASSAY_CODEC_KEYS="2026-11:$(openssl rand -base64 32)"`';

/**
 * Reads the keys from `ASSAY_CODEC_KEYS` (`ID:KEY,ID:KEY`) or from the file that `ASSAY_CODEC_KEYS_FILE` names (one a
 * line, `#` for comments). Undefined where there is neither: nothing is encrypted.
 *
 * @throws ConfigError that says what is wrong, never with a key in it
 */
export function codecKeys(environment: NodeJS.ProcessEnv): CodecKeys | undefined {
  const { ASSAY_CODEC_KEYS: given = '', ASSAY_CODEC_KEYS_FILE: file = '' } = environment;
  if (given !== '' && file !== '')
    throw new ConfigError('ASSAY_CODEC_KEYS and ASSAY_CODEC_KEYS_FILE are both set; keep one of them');
  if (given !== '') return parseKeys(given.split(','), 'ASSAY_CODEC_KEYS');
  if (file === '') return undefined;
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new ConfigError(`ASSAY_CODEC_KEYS_FILE: ${file} can't be read`, { cause });
  }
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));
  return parseKeys(lines, `ASSAY_CODEC_KEYS_FILE ${file}`);
}

function parseKeys(texts: readonly string[], where: string): CodecKeys {
  const keys = texts.map((text, i) => {
    const [, id, encoded = ''] = /^([\w.-]{1,64}):([A-Za-z0-9+/_-]+=*)$/.exec(text.trim()) ?? [];
    const key = Buffer.from(encoded, 'base64');
    if (id === undefined || key.length !== KEY_BYTES)
      throw new ConfigError(`${where}: key ${i + 1} is not one: ${HOW}`);
    return { id, key };
  });
  const ids = keys.map(({ id }) => id);
  const twice = ids.find((id, i) => ids.indexOf(id) !== i);
  if (twice !== undefined) throw new ConfigError(`${where}: two keys are called "${twice}"`);
  if (keys.length === 0) throw new ConfigError(`${where} holds no key: ${HOW}`);
  return keys;
}

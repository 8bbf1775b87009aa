import { createHash } from 'node:crypto';
import type { SourceFile, StageContext } from '../contracts/store.js';

/**
 * SHA-256 of a file's bytes as they lie there, in hex. It is kept by the file's stamp, for all stages: bytes that were
 * looked at before are not read again.
 *
 * @param told is called with the bytes of each chunk that is read
 */
export async function contentHash(
  file: SourceFile,
  { hashes, signal }: Pick<StageContext, 'hashes' | 'signal'>,
  told: (bytes: number) => void = () => undefined,
): Promise<string> {
  const key = file.stamp === undefined ? undefined : { stamp: file.stamp };
  const kept = key && (await hashes.find(key));
  if (kept) return String(kept.figures['sha256']);
  const hash = createHash('sha256');
  for await (const chunk of file.open()) {
    signal.throwIfAborted();
    hash.update(chunk);
    told(chunk.length);
  }
  const sha256 = hash.digest('hex');
  if (key) await hashes.keep(key, { outputs: {}, figures: { sha256 } });
  return sha256;
}

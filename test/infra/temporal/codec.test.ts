import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import fc from 'fast-check';
import { encryptionCodec } from '../../../infra/temporal/codec.js';
import { codecKeys } from '../../../infra/temporal/codecKeys.js';

const key = (id: string) => ({ id, key: randomBytes(32) });
const [old, fresh] = [key('2026-10'), key('2026-11')];
const text = (bytes: Uint8Array | null | undefined): string => Buffer.from(bytes ?? []).toString();
const payload = (value: unknown): Payload => defaultPayloadConverter.toPayload(value)!;
const valueOf = (one: Payload): unknown => defaultPayloadConverter.fromPayload(one);

describe('the codec of payloads', () => {
  const codec = encryptionCodec([fresh, old]);

  it('gives back whatever it was given, and shows nothing of it on the way', async () => {
    await fc.assert(
      fc.asyncProperty(fc.json({ maxDepth: 2 }), async (json) => {
        const value: unknown = JSON.parse(json);
        const [encoded] = await codec.encode([payload({ secret: value, mark: 'planted-secret' })]);
        assert.ok(!text(encoded!.data).includes('planted-secret'));
        const [decoded] = await codec.decode([encoded!]);
        assert.deepEqual(valueOf(decoded!), { secret: value, mark: 'planted-secret' });
      }),
      { numRuns: 50 },
    );
  });

  it('names the key, and never gives the same bytes twice', async () => {
    const [first, second] = await codec.encode([payload('x'), payload('x')]);
    assert.equal(text(first!.metadata?.['encryption-key-id']), '2026-11');
    assert.notDeepEqual(first!.data, second!.data);
  });

  it('writes with the first key and reads with every one: keys can be rotated', async () => {
    const before = await encryptionCodec([old]).encode([payload('old')]);
    assert.equal(valueOf((await codec.decode(before))[0]!), 'old');
    const after = await codec.encode([payload('new')]);
    await assert.rejects(
      encryptionCodec([old]).decode(after),
      /key "2026-11", which this process does not have/,
    );
  });

  it('reads what nobody has encrypted: an Update typed into Temporal', async () => {
    const plain = payload({ action: 'retry', stage: 'ingest' });
    assert.deepEqual(await codec.decode([plain]), [plain]);
  });

  const damages: [string, (encoded: Payload) => Payload][] = [
    ['one bit', (one) => ({ ...one, data: flipped(one.data!) })],
    ['a cut', (one) => ({ ...one, data: one.data!.subarray(0, 20) })],
    [
      'another key id',
      (one) => ({ ...one, metadata: { ...one.metadata, 'encryption-key-id': Buffer.from(old.id) } }),
    ],
  ];
  for (const [name, damage] of damages) {
    it(`refuses what was altered by ${name}`, async () => {
      const [encoded] = await codec.encode([payload('x')]);
      await assert.rejects(codec.decode([damage(encoded!)]), /does not open with key/);
    });
  }
});

function flipped(data: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(data);
  copy[20]! ^= 1;
  return copy;
}

describe('keys of the codec', () => {
  const encoded = fresh.key.toString('base64');

  it('come from a variable, the first one writing', () => {
    const keys = codecKeys({ ASSAY_CODEC_KEYS: `b:${encoded},a:${old.key.toString('base64')}` });
    assert.deepEqual(
      keys?.map(({ id }) => id),
      ['b', 'a'],
    );
    assert.deepEqual(keys?.[0]?.key, fresh.key);
  });

  it('come from a file, one a line', () => {
    const folder = mkdtempSync(join(tmpdir(), 'assay-keys-'));
    const file = join(folder, 'keys');
    writeFileSync(file, `# since November\nb:${encoded}\n\n`);
    assert.deepEqual(
      codecKeys({ ASSAY_CODEC_KEYS_FILE: file })?.map(({ id }) => id),
      ['b'],
    );
    rmSync(folder, { recursive: true });
  });

  it('need not be: nothing is encrypted then', () => assert.equal(codecKeys({}), undefined));

  const short = randomBytes(16).toString('base64');
  const refused: [string, NodeJS.ProcessEnv, RegExp][] = [
    [
      'a key of 128 bits',
      { ASSAY_CODEC_KEYS: `a:${short}` },
      /ASSAY_CODEC_KEYS: key 1 is not one: expected ID:KEY/,
    ],
    ['no id', { ASSAY_CODEC_KEYS: encoded }, /key 1 is not one/],
    ['one id twice', { ASSAY_CODEC_KEYS: `a:${encoded},a:${encoded}` }, /two keys are called "a"/],
    ['a file that is not there', { ASSAY_CODEC_KEYS_FILE: '/nowhere/keys' }, /\/nowhere\/keys can't be read/],
    ['both', { ASSAY_CODEC_KEYS: 'x', ASSAY_CODEC_KEYS_FILE: 'y' }, /both set/],
  ];
  for (const [name, environment, words] of refused) {
    it(`are refused without being told: ${name}`, () =>
      assert.throws(
        () => codecKeys(environment),
        ({ message }: Error) => words.test(message) && !message.includes(short) && !message.includes(encoded),
      ));
  }
});

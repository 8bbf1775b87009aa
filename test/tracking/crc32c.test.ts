import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { crc32c, maskedCrc32c } from '../../tracking/crc32c.js';

describe('CRC-32C', () => {
  // RFC 3720, appendix B.4
  const cases = [
    { name: '32 bytes of zeros', bytes: new Uint8Array(32), want: 0x8a9136aa },
    { name: '32 bytes of ones', bytes: new Uint8Array(32).fill(0xff), want: 0x62a8ab43 },
    { name: '32 ascending bytes', bytes: Uint8Array.from({ length: 32 }, (_, i) => i), want: 0x46dd794e },
    { name: 'the digits 123456789', bytes: Buffer.from('123456789'), want: 0xe3069283 },
  ];
  for (const { name, bytes, want } of cases) {
    it(`is that of the standard for ${name}`, () => assert.equal(crc32c(bytes), want));
  }

  it('is masked as TFRecords want it', () => {
    // rotr15(0xe3069283) = 0x2507c60d; + 0xa282ead8 = 0xc78ab0e5
    assert.equal(maskedCrc32c(Buffer.from('123456789')), 0xc78ab0e5);
  });
});

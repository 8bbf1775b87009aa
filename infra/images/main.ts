/** `npm run images:pin`: writes the digests of images into the Dockerfiles and the compose file; asks their registries by Docker. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { imagesOf, pinned } from './pin.js';

const infra = resolve(import.meta.dirname, '../../../infra'); // from dist/infra/images
const files = readdirSync(join(infra, 'images'))
  .filter((name) => name.endsWith('.Dockerfile'))
  .map((name) => join(infra, 'images', name))
  .concat(join(infra, 'compose.yaml'));

const digests = new Map<string, string>();
for (const file of files) {
  const text = readFileSync(file, 'utf8');
  for (const image of imagesOf(text)) {
    if (digests.has(image)) continue;
    const asked = ['buildx', 'imagetools', 'inspect', image, '--format', '{{.Manifest.Digest}}'];
    const digest = execFileSync('docker', asked, { encoding: 'utf8' }).trim();
    if (!/^sha256:[0-9a-f]{64}$/u.test(digest)) throw new Error(`${image}: expected a digest, got ${digest}`);
    digests.set(image, digest);
    process.stdout.write(`${image} ${digest}\n`);
  }
  writeFileSync(file, pinned(text, digests));
}

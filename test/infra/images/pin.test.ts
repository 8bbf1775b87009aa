import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { imagesOf, pinned } from '../../../infra/images/pin.js';

const DIGEST = `sha256:${'a1'.repeat(32)}`;
const FILE = `FROM node:20.20.2-bookworm AS build
FROM node:20.20.2-bookworm-slim
services:
  worker:
    image: assay-cpu
  ui:
    image: temporalio/ui:2.39.0
`;

describe('digests of images', () => {
  it('are wanted for those that a file names by version', () => {
    assert.deepEqual(imagesOf(FILE), [
      'node:20.20.2-bookworm',
      'node:20.20.2-bookworm-slim',
      'temporalio/ui:2.39.0',
    ]);
  });

  it('stand behind the version, and nothing else changes', () => {
    const digests = new Map([['temporalio/ui:2.39.0', DIGEST]]);
    assert.equal(pinned(FILE, digests), FILE.replace('ui:2.39.0', `ui:2.39.0@${DIGEST}`));
  });

  it('are renewed where there is one already', () => {
    const once = pinned(FILE, new Map([['node:20.20.2-bookworm', DIGEST]]));
    const newer = `sha256:${'b2'.repeat(32)}`;
    const twice = pinned(once, new Map([['node:20.20.2-bookworm', newer]]));
    assert.match(twice, new RegExp(`^FROM node:20\\.20\\.2-bookworm@${newer} AS build$`, 'mu'));
    assert.ok(!twice.includes(DIGEST));
    assert.match(twice, /^FROM node:20\.20\.2-bookworm-slim$/mu);
  });
});

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { startDev, type DevServices } from '../../infra/dev.js';
import { repositoryRoot } from '../paths.js';

const isBuilt = existsSync(join(repositoryRoot, 'dist/workflow-bundle.js'));
const skip =
  existsSync('/proc/net/tcp') && isBuilt
    ? false
    : '/proc or dist/workflow-bundle.js is missing: on which addresses the services listen was NOT looked at';

const LISTENING = '0A';
const LOOPBACK = new Set(['0100007F', '00000000000000000000000001000000']); // 127.0.0.1, ::1

/** Addresses (in hexadecimal) on which a process and its descendants listen. */
function listeners(root: number): string[] {
  const pids = descendants(root);
  const inodes = new Set(pids.flatMap(socketsOf));
  return ['tcp', 'tcp6'].flatMap((table) =>
    readFileSync(`/proc/net/${table}`, 'utf8')
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter((cells) => cells[3] === LISTENING && inodes.has(cells[9] ?? ''))
      .map((cells) => cells[1]!.split(':')[0]!),
  );
}

function descendants(root: number): number[] {
  const parents = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const [, parent] = /\) \S (\d+)/.exec(readFileSync(`/proc/${name}/stat`, 'utf8')) ?? [];
        return [{ pid: Number(name), parent: Number(parent) }];
      } catch {
        return []; // ended meanwhile
      }
    });
  const found = [root];
  for (const pid of found)
    found.push(...parents.filter(({ parent }) => parent === pid).map((one) => one.pid));
  return found;
}

function socketsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      const [, inode] = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`)) ?? [];
      return inode === undefined ? [] : [inode];
    });
  } catch {
    return [];
  }
}

describe('everything that assay dev starts', { skip }, () => {
  let folder: string;
  let services: DevServices;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'assay-loopback-'));
    services = await startDev({ directory: join(folder, '.assay'), processes: 1 });
  });
  after(async () => {
    await services.stop();
    rmSync(folder, { recursive: true });
  });

  it('listens on loopback only: Temporal, its UI, the metrics of the worker', () => {
    const found = listeners(process.pid);
    assert.ok(found.length >= 3, found.join(' '));
    assert.deepEqual(
      found.filter((address) => !LOOPBACK.has(address)),
      [],
    );
  });
});

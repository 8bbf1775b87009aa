import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { platformFinding } from '../../cli/examination.js';
import { mendAll, type Finding } from '../../cli/finding.js';
import { openTerminal } from '../../cli/terminal.js';
import { SEARCH_ATTRIBUTES } from '../../contracts/names.js';
import { ensureTensorflow } from '../../infra/tensorflow/findTensorflow.js';
import { foreignServer } from '../infra/temporal/foreignServer.js';
import { assay, type Spoken } from './process.js';

interface Told {
  readonly name: string;
  readonly state: string;
  readonly found: string;
  readonly fixable: boolean;
  readonly fixed?: string;
  readonly fixFailed?: string;
}

const toldBy = ({ stdout }: Spoken): Map<string, Told> =>
  new Map((JSON.parse(stdout) as Told[]).map((finding) => [finding.name, finding]));

/** A folder, a cache with nothing in it, and a PATH with python3 and nothing else: no compiler, no `temporal`. */
function freshMachine(t: TestContext): { folder: string; env: NodeJS.ProcessEnv } {
  const folder = mkdtempSync(join(tmpdir(), 'assay-doctor-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const python = execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' });
  mkdirSync(join(folder, 'bin'));
  symlinkSync(python.trim(), join(folder, 'bin', 'python3'));
  const env = { PATH: join(folder, 'bin'), ASSAY_CACHE_DIR: join(folder, 'cache'), ASSAY_TENSORFLOW_DIR: '' };
  return { folder, env };
}

describe('assay doctor --fix', { concurrency: true }, () => {
  it('fetches, registers and makes what is missing, tells what it did, and says what it could not', async (t) => {
    const { folder, env } = freshMachine(t);
    const { address, connection } = await foreignServer(t);
    const surroundings = { cwd: folder, env: { ...env, TEMPORAL_ADDRESS: address } };

    const looked = toldBy(await assay(['doctor', '--json'], surroundings));
    const fixable = ['Temporal CLI', 'search attributes', 'engine', 'store', 'scratch'];
    assert.deepEqual(
      [...looked.values()].filter((finding) => finding.fixable).map(({ name }) => name),
      fixable,
    );
    for (const name of ['cache', '.assay'])
      assert.ok(!existsSync(join(folder, name)), `looking made ${name}`);

    const mended = await assay(['doctor', '--fix', '--json'], surroundings);
    const findings = toldBy(mended);
    assert.match(findings.get('Temporal CLI')?.fixed ?? '', /^fetched it: .*cache\/temporal/);
    assert.match(
      findings.get('search attributes')?.fixed ?? '',
      /^created AssayStatus, .* in namespace default$/,
    );
    assert.equal(findings.get('store')?.fixed, `made ${join(folder, '.assay/store')}`);
    assert.equal(findings.get('scratch')?.fixed, `made ${join(folder, '.assay/scratch')}`);
    for (const name of ['Temporal CLI', 'search attributes', 'store', 'scratch'])
      assert.deepEqual([findings.get(name)?.state, findings.get(name)?.fixable], ['ok', false], name);
    assert.match(findings.get('engine')?.fixFailed ?? '', /g\+\+ and make are not on the PATH/);
    assert.equal(findings.get('engine')?.state, 'optional');
    assert.equal(mended.code, 7);
    const { customAttributes } = await connection.operatorService.listSearchAttributes({
      namespace: 'default',
    });
    for (const name of Object.keys(SEARCH_ATTRIBUTES)) assert.ok(customAttributes[name] !== undefined, name);
    assert.ok(existsSync(join(folder, '.assay/store/store.json')));
  });

  it('touches nothing that was found whole, and ends with 0', async (t) => {
    const { folder, env } = freshMachine(t);
    const cli = join(folder, 'bin', 'temporal');
    writeFileSync(cli, '#!/bin/sh\n', { mode: 0o755 });
    const native = await ensureTensorflow({ gpu: false }).catch(() => undefined);
    if (native === undefined) return t.skip('there is no native TensorFlow here');
    mkdirSync(join(folder, 'cache'));
    symlinkSync(join(native.folder, '..'), join(folder, 'cache', 'tensorflow'));
    const here = { cwd: folder, env };
    const first = await assay(['doctor', '--fix'], here);
    assert.equal(first.code, 0, first.stdout);
    assert.match(first.stdout, /^mended store\n {2}made .*\nmended scratch\n {2}made [^\n]*\n\n✓ Node/);
    const marker = readFileSync(join(folder, '.assay/store/store.json'), 'utf8');
    const again = await assay(['doctor', '--fix'], here);
    assert.equal(again.code, 0);
    assert.doesNotMatch(again.stdout, /mended|--fix/);
    assert.equal(readFileSync(join(folder, '.assay/store/store.json'), 'utf8'), marker);
    assert.equal(readFileSync(cli, 'utf8'), '#!/bin/sh\n');
  });

  it('offers itself for what it can mend, and leaves alone a store that can not be written', async (t) => {
    const { folder, env } = freshMachine(t);
    writeFileSync(join(folder, 'a-file'), 'mine');
    const surroundings = { cwd: folder, env: { ...env, ASSAY_STORE: join(folder, 'a-file', 'store') } };
    const { code, stdout } = await assay(['doctor'], surroundings);
    assert.equal(code, 7);
    assert.match(stdout, /✕ store [\s\S]*→ set ASSAY_STORE/);
    assert.match(stdout, /scratch is not here yet\n +→ [^\n]*\n? *\(--fix does it\)|\(--fix\s+does it\)/);
    assert.match(stdout, /assay doctor --fix mends: Temporal CLI, engine, scratch\n$/);
    assert.equal(readFileSync(join(folder, 'a-file'), 'utf8'), 'mine');
  });
});

describe('mendAll', () => {
  it('goes on after what fails, in order, and passes over what nothing can be done about', async () => {
    const order: string[] = [];
    const finding = (name: string, work?: () => string): Finding => ({
      name,
      state: 'missing',
      found: 'nothing',
      ...(work && {
        fix: () => {
          order.push(name);
          return Promise.resolve().then(work);
        },
      }),
    });
    const refuse = (): never => {
      throw new Error('no room');
    };
    const findings = [finding('a', refuse), finding('b'), finding('c', () => 'made c')];
    assert.deepEqual(await mendAll(findings, openTerminal({ json: true })), [
      { name: 'a', failure: 'no room' },
      { name: 'c', done: 'made c' },
    ]);
    assert.deepEqual(order, ['a', 'c']);
  });
});

describe('platformFinding', () => {
  for (const platform of ['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64'])
    it(`takes ${platform}`, () => assert.equal(platformFinding(platform).state, 'ok'));
  for (const platform of ['win32-x64', 'linux-ia32', 'freebsd-x64'])
    it(`refuses ${platform} with what to use`, () => {
      const { state, mend } = platformFinding(platform);
      assert.equal(state, 'missing');
      assert.match(mend ?? '', /Linux or macOS.*WSL 2/);
    });
});

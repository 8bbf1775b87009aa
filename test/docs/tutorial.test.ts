import assert from 'node:assert/strict';
import { appendFileSync, copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { loadRunConfig } from '../../config/load.js';
import { startDev } from '../../infra/dev.js';
import { assay } from '../cli/process.js';
import { repositoryRoot } from '../paths.js';

const page = readFileSync(join(repositoryRoot, 'docs/tutorial.md'), 'utf8');
const block = (text: string, language: string): string =>
  new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'mu').exec(text)![1]!;
const commands = (text: string): string[] =>
  block(text, 'sh')
    .split('\n')
    .map((line) => line.replace(/\s#.*$/u, '').trim())
    .filter(Boolean);
const lines = commands(page);
const [, ending = ''] = page.split('## On a schedule');
const isBuilt = existsSync(join(repositoryRoot, 'dist/workflow-bundle.js'));

describe('the tutorial', () => {
  const folder = mkdtempSync(join(tmpdir(), 'assay-tutorial-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const call = (line: string) =>
    assay(line.split(/\s+/u).slice(2), {
      cwd: folder,
      env: { COLUMNS: '80', TEMPORAL_ADDRESS: '', ASSAY_DIRECTORY: '.assay' },
    });

  it('takes four commands, the first of which makes a clone', () => {
    assert.equal(lines.length, 4);
    assert.match(lines[0]!, /^git clone \S+ && cd assay && npm ci$/u);
    assert.equal(lines[1], 'cp examples/tickets.csv tickets.csv');
    copyFileSync(join(repositoryRoot, 'examples/tickets.csv'), join(folder, 'tickets.csv'));
  });

  it('ends with a report of the table', async (t) => {
    if (!isBuilt) return t.skip('dist/ is missing (npm run build): the tutorial was NOT run');
    for (const line of lines.slice(2)) {
      assert.match(line, /^npx assay /u);
      const { code, stdout, stderr } = await call(line);
      assert.equal(code, 0, `${line}\n${stdout}\n${stderr}`);
      if (!/ run /u.test(line)) continue;
      const [, report = ''] = /^report\s+(\S+)$/mu.exec(stdout) ?? [];
      assert.match(readFileSync(report, 'utf8'), /ticket/u);
      assert.match(stdout, /^model\s+tickets@1, champion$/mu);
      const wide = stdout.split('\n').filter((text) => text.length > 80 && !text.includes(folder));
      assert.deepEqual(wide, []);
    }
  });

  it('shows the config that init writes', (t) => {
    const path = join(folder, 'assay.yaml');
    if (!existsSync(path)) return t.skip('init has not run');
    const shown = block(page, 'yaml');
    const written = loadRunConfig(readFileSync(path, 'utf8'), { path });
    assert.deepEqual(loadRunConfig(shown, { path: 'docs/tutorial.md' }).dataset, written.dataset);
  });

  it('ends with a schedule, whose firing leaves a champion with a history', async (t) => {
    const path = join(folder, 'assay.yaml');
    if (!existsSync(path)) return t.skip('init has not run');
    appendFileSync(path, block(ending, 'yaml'));
    const services = await startDev({ directory: join(folder, '.assay'), processes: 2 });
    t.after(() => services.stop());
    const told: string[] = [];
    for (const line of commands(ending)) {
      const { code, stdout, stderr } = await call(`${line} --json`);
      assert.equal(code, 0, `${line}\n${stdout}\n${stderr}`);
      told.push(stdout);
      if (!line.includes(' trigger ')) continue;
      const { firing } = JSON.parse(stdout) as { firing: string };
      const watched = await call(`npx assay watch ${firing} --json`);
      assert.equal(watched.code, 0, watched.stderr);
      assert.equal((JSON.parse(watched.stdout) as { state: string }).state, 'completed');
    }
    const [created = '', , described = '', history = ''] = told;
    assert.equal((JSON.parse(created) as { what: string }).what, 'created');
    assert.match(described, /"status": "completed"/u);
    assert.match(history, /champion/u);
  });
});

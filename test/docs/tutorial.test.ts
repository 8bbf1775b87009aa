import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { loadRunConfig } from '../../config/load.js';
import { assay } from '../cli/process.js';
import { repositoryRoot } from '../paths.js';

const page = readFileSync(join(repositoryRoot, 'docs/tutorial.md'), 'utf8');
const lines = /^```sh\n([\s\S]*?)^```$/mu
  .exec(page)![1]!
  .split('\n')
  .map((line) => line.replace(/\s#.*$/u, '').trim())
  .filter(Boolean);
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
    const shown = /^```yaml\n([\s\S]*?)^```$/mu.exec(page)![1]!;
    const written = loadRunConfig(readFileSync(path, 'utf8'), { path });
    assert.deepEqual(loadRunConfig(shown, { path: 'docs/tutorial.md' }).dataset, written.dataset);
  });
});

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { repositoryRoot } from '../paths.js';

const ASK = `
import json, sys
import javascript, texts
known = {**javascript.KNOWN, **texts.KNOWN}
for line in sys.stdin:
    name, params, values = json.loads(line)
    call = known[name](*params)
    print(json.dumps([call(None if value is None else float(value[1]) if value[0] == 'n' else value[1]) for value in values]))`;

export type Value = string | number;

/** What Python's functions in infra/spark give, for each of the values. */
export function askedPython(name: string, params: readonly Value[], values: readonly Value[]): unknown[] {
  const told = values.map((value) => (typeof value === 'number' ? ['n', String(value)] : ['t', value]));
  const out = execFileSync('python3', ['-c', ASK], {
    cwd: join(repositoryRoot, 'infra/spark'),
    input: `${JSON.stringify([name, params, told])}\n`,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
  });
  return JSON.parse(out.replaceAll(/(?<=[[ ])-?Infinity/g, (found) => `"${found}"`)) as unknown[];
}

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { repositoryRoot } from '../paths.js';
import { differences } from './reference/differences.js';
import type { ReferenceFamily } from './reference/family.js';
import { families } from './reference/index.js';

/** Folder of reference values: made by other libraries, or by numpy from the formula that the file states. */
const folder = process.env['ASSAY_FIXTURES'] ?? join(repositoryRoot, 'test', 'fixtures', 'importance');

const Fixture = z.object({
  name: z.string(),
  formula: z.string(),
  abs_tolerance: z.number().positive(),
  inputs: z.unknown(),
  outputs: z.record(z.string(), z.unknown()).refine((outputs) => Object.keys(outputs).length > 0),
});

/** The longest of the names that the fixture's begins with. */
function familyOf(fixture: string): ReferenceFamily {
  const fitting = families.filter(({ name }) => fixture === name || fixture.startsWith(`${name}_`));
  const [family] = fitting.toSorted((a, b) => b.name.length - a.name.length);
  if (family) return family;
  throw new Error(`no family reads ${fixture}; known: ${families.map(({ name }) => name).join(', ')}`);
}

const files = readdirSync(folder)
  .filter((file) => file.endsWith('.json'))
  .toSorted();

it(`finds reference values in ${folder}`, () => assert.ok(files.length > 0));

for (const file of files) {
  describe(`reference ${file}`, () => {
    const document: unknown = JSON.parse(readFileSync(join(folder, file), 'utf8'));
    const fixture = Fixture.safeParse(document);
    if (!fixture.success) {
      it('is a fixture', () => assert.fail(z.prettifyError(fixture.error)));
      return;
    }
    const { name, abs_tolerance: tolerance, inputs, outputs } = fixture.data;
    let read: ((output: string) => unknown) | undefined;
    for (const [output, expected] of Object.entries(outputs)) {
      it(`${output} is the same within ${tolerance}`, () => {
        read ??= familyOf(name).read(inputs, outputs);
        const actual = read(output);
        assert.notEqual(actual, undefined, `${output}: an output that the family does not know`);
        const wrong = differences(actual, expected, tolerance, output);
        assert.equal(wrong.length, 0, `${wrong.length} differ: ${wrong.slice(0, 5).join('; ')}`);
      });
    }
  });
}

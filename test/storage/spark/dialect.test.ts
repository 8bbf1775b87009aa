import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { nameSql, textSql } from '../../../core/sql/text.js';
import { sparkSql } from '../../../storage/spark/dialect.js';

describe("a statement in Spark's dialect", () => {
  const cases: readonly (readonly [name: string, sql: string, wanted: string])[] = [
    ['writes types as Spark calls them', 'CAST(x AS VARCHAR)', 'CAST(x AS STRING)'],
    [
      'renames functions',
      "starts_with(a, 'b') OR ends_with(a, 'c')",
      "startswith(a, 'b') OR endswith(a, 'c')",
    ],
    [
      'leaves names that only begin like one',
      'SELECT VARCHARS, my_starts_with',
      'SELECT VARCHARS, my_starts_with',
    ],
    ['quotes names by backquotes', `SELECT ${nameSql('a "b" `c`')}`, 'SELECT `a "b" ``c```'],
    ['escapes quotes and backslashes of texts', textSql("it's \\n"), "'it\\'s \\\\n'"],
    ['touches nothing within a text', textSql('VARCHAR "x"'), `'VARCHAR "x"'`],
    ['nor within a name', nameSql("VARCHAR 'x'"), "`VARCHAR 'x'`"],
    [
      'keeps a text that ends in a backslash closed',
      `${textSql('\\')} || ${textSql("'; x")}`,
      "'\\\\' || '\\'; x'",
    ],
  ];
  for (const [name, sql, wanted] of cases) it(name, () => assert.equal(sparkSql(sql), wanted));
});

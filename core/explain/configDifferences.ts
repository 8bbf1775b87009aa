type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** Leaves of a JSON value by dotted path; lists count as leaves. */
function leaves(value: Json, path = ''): [string, string][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return [[path, JSON.stringify(value)]];
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, path === '' ? key : `${path}.${key}`));
}

/** Settings that are not the same in all configurations, by path; null where a configuration has no such setting. */
export function configDifferences(configs: readonly Json[]): { path: string; values: (string | null)[] }[] {
  const maps = configs.map((config) => new Map(leaves(config)));
  const paths = [...new Set(maps.flatMap((map) => [...map.keys()]))].sort();
  return paths
    .map((path) => ({ path, values: maps.map((map) => map.get(path) ?? null) }))
    .filter(({ values }) => values.some((value) => value !== values[0]));
}

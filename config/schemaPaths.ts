import { z } from 'zod';

/** The part of JSON Schema that `z.toJSONSchema` writes for configs. */
export interface JsonSchema {
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: boolean | JsonSchema;
  readonly items?: JsonSchema | false;
  readonly prefixItems?: readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly minItems?: number;
  readonly pattern?: string;
  readonly required?: readonly string[];
  readonly $ref?: string;
}

/** The schema of what a person may type, before defaults are filled in. */
export const inputSchemaOf = (schema: z.ZodType): JsonSchema =>
  z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;

/**
 * Schemas that may stand at a path, one for each branch of a union. Branches that the value's own words rule out
 * (`by: time`) are left out. Empty: nothing may stand there; `[{}]`: anything may.
 */
export function schemasAt(root: JsonSchema, value: unknown, path: readonly PropertyKey[]): JsonSchema[] {
  let schemas = branchesOf(root, value);
  let here = value;
  for (const step of path) {
    here = childOf(here, step);
    schemas = schemas
      .flatMap((schema) => stepInto(schema, step))
      .flatMap((schema) => branchesOf(schema, here));
  }
  return schemas;
}

/** Keys that a map at this place may have. */
export function keysAt(root: JsonSchema, value: unknown, path: readonly PropertyKey[]): string[] {
  const keys = schemasAt(root, value, path).flatMap(({ properties }) => Object.keys(properties ?? {}));
  return [...new Set(keys)];
}

/** What may stand there, in words: `a number ≥ 0 and ≤ 1`, `csv | tsv`, `text or a list of text`. */
export function describeSchemas(schemas: readonly JsonSchema[]): string {
  const words = schemas.flatMap(
    ({ enum: choices, const: only }) => choices ?? (only === undefined ? [] : [only]),
  );
  const rest = schemas.filter((schema) => schema.enum === undefined && schema.const === undefined);
  const parts = rest.map(describeOne);
  if (words.length > 0) parts.unshift([...new Set(words)].map(String).join(' | '));
  return [...new Set(parts)].join(' or ') || 'nothing';
}

function branchesOf(schema: JsonSchema, value: unknown): JsonSchema[] {
  const branches = schema.anyOf ?? schema.oneOf;
  if (!branches) return [schema];
  const open = branches.flatMap((branch) => branchesOf(branch, value));
  const fitting = open.filter((branch) => !contradicts(branch, value));
  return fitting.length > 0 ? fitting : open;
}

/** True when a fixed word of the schema (a discriminator) differs from the value's. */
function contradicts(schema: JsonSchema, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(schema.properties ?? {}).some(
    ([key, property]) => property.const !== undefined && property.const !== childOf(value, key),
  );
}

function stepInto(schema: JsonSchema, step: PropertyKey): JsonSchema[] {
  if (schema.$ref !== undefined || Object.keys(schema).length === 0) return [{}];
  const property = Object.hasOwn(schema.properties ?? {}, step)
    ? schema.properties?.[String(step)]
    : undefined;
  if (property) return [property];
  if (typeof schema.additionalProperties === 'object') return [schema.additionalProperties];
  if (schema.additionalProperties === true) return [{}];
  if (!/^\d+$/.test(String(step))) return [];
  const item = schema.prefixItems?.[Number(step)] ?? schema.items;
  return typeof item === 'object' ? [item] : [];
}

function childOf(value: unknown, step: PropertyKey): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
  return (value as Record<PropertyKey, unknown>)[step];
}

function describeOne(schema: JsonSchema): string {
  switch (schema.type) {
    case 'integer':
      return `a whole number${bounds(schema)}`;
    case 'number':
      return `a number${bounds(schema)}`;
    case 'string':
      return 'text';
    case 'boolean':
      return 'true | false';
    case 'null':
      return 'null';
    case 'array':
      return describeList(schema);
    case 'object':
      return schema.properties ? `a map of ${Object.keys(schema.properties).join(', ')}` : 'a map';
    default:
      return 'anything';
  }
}

function describeList({ prefixItems, items, minItems }: JsonSchema): string {
  if (prefixItems) return `a list of ${prefixItems.length}: [${prefixItems.map(describeOne).join(', ')}]`;
  const least = minItems === undefined || minItems === 0 ? '' : `, at least ${minItems}`;
  return items ? `a list of ${describeSchemas(branchesOf(items, undefined))}${least}` : 'a list';
}

function bounds(schema: JsonSchema): string {
  const parts = [];
  const low = schema.minimum ?? -Infinity;
  const high = schema.maximum ?? Infinity;
  if (schema.exclusiveMinimum !== undefined) parts.push(`> ${schema.exclusiveMinimum}`);
  else if (low > Number.MIN_SAFE_INTEGER) parts.push(`≥ ${low}`);
  if (schema.exclusiveMaximum !== undefined) parts.push(`< ${schema.exclusiveMaximum}`);
  else if (high < Number.MAX_SAFE_INTEGER) parts.push(`≤ ${high}`);
  return parts.length > 0 ? ` ${parts.join(' and ')}` : '';
}

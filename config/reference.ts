import { z } from 'zod';
import { registries, type Named } from './registries.js';
import { RunConfig } from './runConfig.js';

interface SchemaNode {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly required?: readonly string[];
  readonly items?: SchemaNode;
  readonly prefixItems?: readonly SchemaNode[];
  readonly additionalProperties?: SchemaNode | boolean;
  readonly anyOf?: readonly SchemaNode[];
  readonly oneOf?: readonly SchemaNode[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
}

/** The reference of assay.yaml as Markdown, one row a setting, made from the schemas themselves. */
export function configurationReference(): string {
  return [
    '# assay.yaml',
    '',
    'Every setting, made from the schema that checks it (`ASSAY_UPDATE_DOCS=1 npm test -- docs/configuration`). A setting without a default is required where its',
    'default says so, and otherwise may be left out.',
    '',
    ...table(RunConfig, ''),
    ...registries.tasks.flatMap((task) => section('task', task)),
    ...registries.models.flatMap((model) => section('model', model)),
    '',
  ].join('\n');
}

/** What a task or model takes beside its name. */
const section = (part: string, { name, paramsSchema }: Named): string[] =>
  paramsSchema ? ['', `## ${part}.name: ${name}`, '', ...table(paramsSchema, part)] : [];

function table(schema: z.ZodType, prefix: string): string[] {
  const node = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as SchemaNode;
  return [
    '| setting | type | default | meaning |',
    '| --- | --- | --- | --- |',
    ...settings(node, prefix).map(
      ({ path, type, fallback, text }) =>
        `| \`${path}\` | ${cell(type)} | ${cell(fallback)} | ${cell(text)} |`,
    ),
  ];
}

interface Row {
  readonly path: string;
  readonly type: string;
  readonly fallback: string;
  readonly text: string;
}

function settings(node: SchemaNode, prefix: string): Row[] {
  return Object.entries(node.properties ?? {}).flatMap(([name, child]) => {
    const path = prefix === '' ? name : `${prefix}.${name}`;
    const required = (node.required ?? []).includes(name);
    const own = row(path, child, required);
    return [own, ...children(child, path)];
  });
}

function row(path: string, node: SchemaNode, required: boolean): Row {
  const simple =
    node.default !== undefined &&
    (typeof node.default !== 'object' || node.default === null || Array.isArray(node.default));
  const fallback = simple
    ? `\`${JSON.stringify(node.default)}\``
    : required && node.default === undefined
      ? 'required'
      : '';
  return { path, type: typeOf(node), fallback, text: node.description ?? '' };
}

/** Settings below this one: of an object, of either side of a choice, of a list's entries. */
function children(node: SchemaNode, path: string): Row[] {
  if (node.properties) return settings(node, path);
  if (node.items?.properties) return settings(node.items, `${path}[]`);
  if (typeof node.additionalProperties === 'object' && node.additionalProperties.properties)
    return settings(node.additionalProperties, `${path}.<name>`);
  const choices = node.oneOf ?? node.anyOf ?? [];
  const seen = new Map<string, Row>();
  for (const choice of choices) {
    for (const one of choice.properties ? settings(choice, path) : []) {
      const held = seen.get(one.path);
      seen.set(
        one.path,
        held && held.type !== one.type ? { ...held, type: `${held.type} ∣ ${one.type}`, fallback: '' } : one,
      );
    }
  }
  return [...seen.values()];
}

function typeOf(node: SchemaNode): string {
  if (node.const !== undefined) return `\`${String(node.const)}\``;
  if (node.enum) return node.enum.map((value) => `\`${String(value)}\``).join(' ∣ ');
  const choices = node.anyOf ?? node.oneOf;
  if (choices) return [...new Set(choices.map(typeOf))].join(' ∣ ');
  if (node.prefixItems) return `[${node.prefixItems.map(typeOf).join(', ')}]`;
  if (node.type === 'array') return `list of ${typeOf(node.items ?? {})}`;
  if (node.type === 'object')
    return typeof node.additionalProperties === 'object' ? 'map by name' : 'section';
  return `${node.type ?? 'any'}${range(node)}`;
}

function range(node: SchemaNode): string {
  const low =
    node.minimum !== undefined
      ? `≥ ${node.minimum}`
      : node.exclusiveMinimum !== undefined
        ? `> ${node.exclusiveMinimum}`
        : '';
  const bounded = node.maximum !== undefined && node.maximum < Number.MAX_SAFE_INTEGER;
  const high = bounded
    ? `≤ ${node.maximum}`
    : node.exclusiveMaximum !== undefined
      ? `< ${node.exclusiveMaximum}`
      : '';
  const both = [low, high].filter((one) => one !== '' && !one.includes('9007199254740991')).join(', ');
  return both === '' ? '' : ` ${both}`;
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

import { z } from 'zod';
import { nearestName } from '../core/nearestName.js';
import type { Answerer } from './ensemble.js';
import type { InputColumn } from './servedModel.js';

const Cell = z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.number())]);

export const MOST_CLASSES = 100;

const Top = z.int().min(0).max(MOST_CLASSES).default(0).describe('name so many of the most probable classes');

/** `POST /v1/predict` */
export const PredictBody = z.strictObject({
  row: z.record(z.string(), Cell).describe('a value for each column; null: missing'),
  top: Top,
});

/** `POST /v1/predict/batch` */
export const batchBody = (mostRows: number) =>
  z.strictObject({
    rows: z.array(z.record(z.string(), Cell)).min(1).max(mostRows),
    top: Top,
  });

export const AnswerBody = z.strictObject({
  label: z.string(),
  probability: z.number().min(0).max(1),
  score: z
    .number()
    .optional()
    .describe('of models that rank: put the rows of a query in this order, highest first'),
  top: z.array(z.strictObject({ label: z.string(), probability: z.number() })).optional(),
});
const PredictAnswer = AnswerBody.extend({ model: z.string() });
const BatchAnswer = z.strictObject({ model: z.string(), answers: z.array(AnswerBody) });
const ErrorBody = z.strictObject({ error: z.strictObject({ code: z.string(), message: z.string() }) });

export type GivenRow = z.infer<typeof PredictBody>['row'];

/**
 * Why a row is not what a model reads: a column too many, with the nearest name, or one that is missing.
 *
 * @param others columns of the training table that the model doesn't read: taken and left aside
 */
export function refuseRow(
  row: GivenRow,
  columns: readonly InputColumn[],
  others: ReadonlySet<string>,
): string | undefined {
  for (const name of Object.keys(row)) {
    if (others.has(name) || columns.some((column) => column.name === name)) continue;
    const known = columns.map((column) => column.name);
    const near = nearestName(name, known);
    return `unknown column "${name}"${near === undefined ? '' : `; did you mean "${near}"?`} The model reads ${known.join(', ')}`;
  }
  const missing = columns.find(({ name }) => !Object.hasOwn(row, name));
  return missing && `column "${missing.name}" is missing; give null where the value is not known`;
}

interface OpenApiOptions {
  readonly answerer: Answerer;
  readonly mostRows: number;
  readonly needsKey: boolean;
}

const TOGETHER =
  'the query that the row belongs to: all its rows have to be in one batch, each is answered beside the others';

/** What a column's cells may be, as JSON schema. */
function typeOf({ isNumeric, width, isGroup }: InputColumn): object {
  if (width !== undefined)
    return { type: ['array', 'null'], items: { type: 'number' }, minItems: width, maxItems: width };
  return {
    type: isNumeric ? ['number', 'string', 'null'] : ['string', 'number', 'boolean', 'null'],
    ...(isGroup ? { description: TOGETHER } : {}),
  };
}

/** The HTTP interface as OpenAPI 3.1, with the columns of the model that answers now. */
export function openApi({ answerer, mostRows, needsKey }: OpenApiOptions): object {
  const { columns, name } = answerer;
  const row = {
    type: 'object',
    properties: Object.fromEntries(columns.map((column) => [column.name, typeOf(column)])),
    required: columns.map((column) => column.name),
  };
  const jsonOf = (schema: z.ZodType): Record<string, unknown> => {
    const json = z.toJSONSchema(schema, { io: 'input' }) as Record<string, unknown>;
    return Object.fromEntries(Object.entries(json).filter(([key]) => key !== '$schema'));
  };
  const withRow = (schema: z.ZodType, key: string, value: object): object => {
    const json = jsonOf(schema);
    return { ...json, properties: { ...(json['properties'] as object), [key]: value } };
  };
  const content = (schema: object) => ({ content: { 'application/json': { schema } } });
  const refusals = Object.fromEntries(
    Object.entries({
      400: 'the body is not what the model reads',
      401: 'no API key, or none of ours',
      413: 'the body is too large',
      429: 'too many requests; Retry-After says when to come back',
      503: 'stopping, or not ready yet',
    }).map(([code, description]) => [code, { description, ...content(jsonOf(ErrorBody)) }]),
  );
  const post = (summary: string, body: object, answer: z.ZodType) => ({
    post: {
      summary,
      requestBody: { required: true, ...content(body) },
      responses: { 200: { description: 'answered', ...content(jsonOf(answer)) }, ...refusals },
    },
  });
  return {
    openapi: '3.1.0',
    info: { title: `Assay: ${name}`, version: name },
    ...(needsKey
      ? {
          security: [{ bearer: [] }, { key: [] }],
          components: {
            securitySchemes: {
              bearer: { type: 'http', scheme: 'bearer' },
              key: { type: 'apiKey', in: 'header', name: 'X-Api-Key' },
            },
          },
        }
      : {}),
    paths: {
      '/v1/predict': post('Answers one row', withRow(PredictBody, 'row', row), PredictAnswer),
      '/v1/predict/batch': post(
        `Answers up to ${mostRows} rows`,
        withRow(batchBody(mostRows), 'rows', { type: 'array', items: row, minItems: 1, maxItems: mostRows }),
        BatchAnswer,
      ),
    },
  };
}

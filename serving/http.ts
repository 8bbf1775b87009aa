import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { keyOf, type ApiKeys } from './apiKeys.js';
import type { Answerer } from './ensemble.js';
import { batchBody, MOST_CLASSES, openApi, PredictBody, refuseRow, type GivenRow } from './protocol.js';
import { tableOf } from './rowReader.js';
import { answersOf, type Answer } from './servedModel.js';
import type { ServeMetrics } from './serveMetrics.js';
import type { createShadow } from './shadow.js';
import type { RateLimit } from './tokenBucket.js';

export interface ServerSettings {
  /** What answers now; asked once for each request. */
  readonly answerer: () => Answerer;
  /** How often another version took over. */
  readonly swaps: () => number;
  /** Columns of the training table: they may come with a row, read or not. */
  readonly otherColumns: ReadonlySet<string>;
  readonly keys: ApiKeys;
  readonly limit: RateLimit;
  readonly metrics: ServeMetrics;
  readonly shadow?: ReturnType<typeof createShadow>;
  readonly bodyLimitBytes: number;
  /** Milliseconds that a request may take to arrive. */
  readonly requestTimeoutMs: number;
  readonly mostRows: number; // of a batch
  readonly nowMs: () => number;
}

/** A refusal: HTTP status, a code for programs, a sentence for people. */
class Refusal extends Error {
  constructor(
    readonly statusCode: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** What anybody may ask: it tells nothing of model or data. */
const OPEN = ['/healthz', '/readyz'];

/** The HTTP server of a model; `listen` starts it, `close` ends it when all requests are answered. */
export function createServer(settings: ServerSettings): FastifyInstance {
  const { answerer, metrics, bodyLimitBytes, requestTimeoutMs } = settings;
  const app = fastify({
    bodyLimit: bodyLimitBytes,
    requestTimeout: requestTimeoutMs,
    connectionTimeout: 0,
    keepAliveTimeout: 30_000,
    return503OnClosing: true,
    forceCloseConnections: 'idle',
    logger: false,
  });
  let isStopping = false;
  app.addHook('preClose', (done) => {
    isStopping = true;
    done();
  });
  app.addHook('onRequest', (request, reply, done) => {
    if (OPEN.includes(request.url)) return done();
    done(refuseClient(settings, request, reply));
  });
  app.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'unknown';
    metrics.count('assay_serve_requests_total', { route, status: String(reply.statusCode) });
    metrics.time(route, reply.elapsedTime / 1000);
    done();
  });
  app.setErrorHandler((error, _, reply) => answerError(error, reply));
  app.setNotFoundHandler((request, reply) =>
    answerError(
      new Refusal(
        404,
        'not_found',
        `there is no ${request.method} ${request.url.split('?')[0]!}; see /openapi.json`,
      ),
      reply,
    ),
  );

  app.get('/healthz', () => ({ status: 'ok' }));
  app.get('/readyz', (_, reply) =>
    isStopping ? reply.code(503).send({ status: 'stopping' }) : { status: 'ready', model: answerer().name },
  );
  app.get('/openapi.json', () =>
    openApi({ answerer: answerer(), mostRows: settings.mostRows, needsKey: settings.keys.count > 0 }),
  );
  app.get('/metrics', (_, reply) =>
    reply.type('text/plain; version=0.0.4').send(
      metrics.render({
        assay_serve_model_info: [[{ model: answerer().name }, 1]],
        assay_serve_swaps: [[{}, settings.swaps()]],
      }),
    ),
  );
  app.post('/v1/predict', (request) => {
    const { row, top } = parsed(PredictBody, request.body);
    const current = answerer();
    const [answer] = predict(current, [row], top, settings);
    return { model: current.name, ...answer };
  });
  const Batch = batchBody(settings.mostRows);
  app.post('/v1/predict/batch', (request) => {
    const { rows, top } = parsed(Batch, request.body);
    const current = answerer();
    return { model: current.name, answers: predict(current, rows, top, settings) };
  });
  return app;
}

/** Why this client is not answered: no key, or too many requests. */
function refuseClient(
  { keys, limit, nowMs }: ServerSettings,
  { headers, ip }: FastifyRequest,
  reply: FastifyReply,
): Refusal | undefined {
  const client = keys.client(keyOf(headers));
  if (keys.count > 0 && client === undefined) {
    void reply.header('WWW-Authenticate', 'Bearer');
    return new Refusal(
      401,
      'unauthorized',
      'send one of the API keys: Authorization: Bearer KEY, or X-Api-Key: KEY',
    );
  }
  const waitSeconds = limit.take(client ?? ip, nowMs());
  if (waitSeconds === 0) return undefined;
  void reply.header('Retry-After', String(Math.max(1, Math.ceil(waitSeconds))));
  return new Refusal(429, 'too_many_requests', 'too many requests; Retry-After says when to come back');
}

function parsed<T>(schema: z.ZodType<T>, body: unknown): T {
  const found = schema.safeParse(body);
  if (found.success) return found.data;
  const [issue] = found.error.issues;
  const path = issue!.path.map(String).join('.');
  throw new Refusal(400, 'invalid_body', `${path === '' ? 'body' : path}: ${issue!.message}`);
}

function predict(
  current: Answerer,
  rows: readonly GivenRow[],
  top: number,
  { otherColumns, metrics, shadow }: ServerSettings,
): Answer[] {
  rows.forEach((row, i) => {
    const why = refuseRow(row, current.columns, otherColumns);
    if (why !== undefined) throw new Refusal(400, 'invalid_row', rows.length > 1 ? `rows.${i}: ${why}` : why);
  });
  const { batch, bad } = tableOf(current.columns, rows.length, (row, column) => rows[row]![column]);
  const [first] = bad;
  if (first)
    throw new Refusal(
      400,
      'invalid_value',
      `${rows.length > 1 ? `rows.${first.row}: ` : ''}${first.column}: ${first.reason}`,
    );
  const answers = answersOf(current.probabilities(batch), current, Math.min(top, MOST_CLASSES));
  metrics.count('assay_serve_rows_total', { model: current.name }, rows.length);
  shadow?.observe(
    batch,
    answers.map(({ label }) => label),
  );
  return answers.map(({ top: named, ...answer }) =>
    top > 0 ? { ...answer, top: named } : answer,
  ) as Answer[];
}

/** One shape for everything that is refused; of what we did not foresee only that it happened. */
function answerError(error: unknown, reply: FastifyReply) {
  const { statusCode = 500, code = 'internal', message } = error as Partial<Refusal>;
  if (error instanceof Refusal) return reply.code(statusCode).send({ error: { code, message } });
  if (statusCode >= 500) {
    process.stderr.write(
      `assay serve: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
    return reply
      .code(500)
      .send({ error: { code: 'internal', message: 'the server failed to answer; its log says why' } });
  }
  const codes: Record<number, string> = { 413: 'too_large', 415: 'not_json', 400: 'invalid_json' };
  return reply.code(statusCode).send({ error: { code: codes[statusCode] ?? 'refused', message } });
}

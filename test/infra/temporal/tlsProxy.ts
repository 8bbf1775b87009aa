import {
  connect,
  constants,
  createSecureServer,
  type ClientHttp2Session,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Identity } from '../../fakes/certificates.js';

/** What came through, by RPC. */
export interface SeenCall {
  readonly path: string;
  readonly authorization: string | undefined;
  /** Common name of the client's certificate. */
  readonly client: string | undefined;
}

export interface TlsProxy {
  readonly address: string;
  readonly calls: SeenCall[];
  close(): void;
}

/** TLS and HTTP/2 in front of a real Temporal dev server, which has none. */
export async function startTlsProxy(
  target: string,
  identity: Identity,
  clients?: { readonly ca: string }, // whose certificates are asked for
): Promise<TlsProxy> {
  const upstream = connect(`http://${target}`);
  upstream.on('error', () => undefined);
  const calls: SeenCall[] = [];
  const server = createSecureServer({
    ...identity,
    ...(clients ? { ca: clients.ca, requestCert: true, rejectUnauthorized: true } : {}),
  });
  const sessions = new Set<{ destroy(): void }>();
  server.on('session', (session) => {
    sessions.add(session);
    session.on('error', () => undefined);
  });
  server.on('stream', (stream, headers) => {
    const socket = stream.session?.socket as TLSSocket | undefined;
    calls.push({
      path: String(headers[':path']),
      authorization: headers['authorization'],
      client: socket?.getPeerCertificate().subject?.CN,
    });
    forward(upstream, stream, headers);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: `127.0.0.1:${port}`,
    calls,
    close: () => {
      sessions.forEach((session) => session.destroy());
      server.close();
      upstream.destroy();
    },
  };
}

/** Headers, body and trailers, both ways. */
function forward(
  upstream: ClientHttp2Session,
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
): void {
  const request = upstream.request({ ...headers, ':scheme': 'http' });
  let trailers: IncomingHttpHeaders = {};
  stream.pipe(request);
  request.on('trailers', (found: IncomingHttpHeaders) => (trailers = found));
  request.on('response', (found, flags) => {
    if (stream.destroyed) return;
    if (flags & constants.NGHTTP2_FLAG_END_STREAM) return void stream.respond(found, { endStream: true });
    stream.respond(found, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers(trailers));
    request.pipe(stream);
  });
  request.on('error', () => stream.close(constants.NGHTTP2_INTERNAL_ERROR));
  stream.on('error', () => undefined);
  stream.on('close', () => request.close(constants.NGHTTP2_CANCEL));
}

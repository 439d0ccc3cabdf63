import { request, type IncomingMessage } from 'node:http';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

export type HttpCall = {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
};

export type HttpAnswer = { readonly status: number; readonly retryAfter: string | null; readonly body: string };

const largestAnswer = 1024 * 1024;

/**
 * Opens a connection (with TLS for `https:`) for one call. Rejects when it does not stand within `timeoutMs` or the
 * signal aborts: nothing was asked yet.
 */
export async function openConnection(url: URL, timeoutMs: number, signal: AbortSignal): Promise<Socket> {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const secure = url.protocol === 'https:';
  const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port);
  const socket = secure
    ? connectTls({ host, port, servername: /^[\d.:]+$/.test(host) ? '' : host, ALPNProtocols: ['http/1.1'] })
    : connectTcp({ host, port, noDelay: true });
  const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const giveUp = (): void => reject(new Error('no connection within the time limit'));
  limit.addEventListener('abort', giveUp, { once: true });
  socket.once('error', reject);
  socket.once('close', () => reject(new Error('the provider closed the connection')));
  socket.once(secure ? 'secureConnect' : 'connect', () => resolve());
  try {
    if (limit.aborted) giveUp();
    await promise;
  } catch (error) {
    socket.on('error', () => undefined);
    socket.destroy();
    throw error;
  } finally {
    limit.removeEventListener('abort', giveUp);
    socket.off('error', reject);
  }
  // Until the call an error only ends the connection; the call then finds it destroyed.
  socket.on('error', () => undefined);
  return socket;
}

/**
 * Sends one request over that connection, which is used up by it. `onSending` is called right before the first byte
 * leaves. Rejects when no whole answer came.
 */
export async function exchange(socket: Socket, call: HttpCall, onSending: () => void): Promise<HttpAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<HttpAnswer>();
  if (socket.destroyed || !socket.writable) throw new Error('the provider closed the connection');
  const outgoing = request({
    // The connection may be TLS already: to Node it is a socket like any other. (With any `agent`, `false` as well,
    // this would not be asked.)
    createConnection: () => socket,
    method: call.method,
    path: `${call.url.pathname}${call.url.search}`,
    setHost: false,
    headers: {
      ...call.headers,
      Host: call.url.host,
      Connection: 'close',
      ...(call.body === null ? {} : { 'Content-Length': Buffer.byteLength(call.body) }),
    },
  });
  outgoing.on('error', reject);
  const closed = (): void => reject(new Error('the provider closed the connection'));
  outgoing.once('close', closed);
  outgoing.once('response', (incoming) => {
    outgoing.off('close', closed);
    readAnswer(incoming).then(resolve, reject);
  });
  // When `onSending` throws, the request ends without being awaited.
  promise.catch(() => undefined);
  // Headers leave with the first write, not before: so this is the moment.
  onSending();
  outgoing.end(call.body ?? undefined);
  return await promise;
}

async function readAnswer(incoming: IncomingMessage): Promise<HttpAnswer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > largestAnswer) throw new Error('the answer is too large');
    chunks.push(bytes);
  }
  if (!incoming.complete) throw new Error('the answer broke off');
  return {
    status: incoming.statusCode ?? 0,
    retryAfter: incoming.headers['retry-after'] ?? null,
    body: Buffer.concat(chunks).toString('utf8'),
  };
}

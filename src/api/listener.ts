import { createServer, type RequestListener, type Server } from 'node:http';
import type { Socket } from 'node:net';

/** One HTTP server: it stops accepting, lets what is in flight end within a bound, then cuts. */
export class Listener {
  readonly #server: Server;
  readonly #port: number;
  readonly #host: string | undefined;
  #address: Promise<number> | undefined;
  #stopped: Promise<void> | undefined;

  constructor(listener: RequestListener, port: number, host: string | undefined) {
    this.#port = port;
    this.#host = host;
    this.#server = createServer(
      { maxHeaderSize: 16 * 1024, headersTimeout: 15_000, requestTimeout: 120_000, keepAliveTimeout: 65_000 },
      (request, response) => {
        // A connection that is kept alive must not keep a stopping server.
        response.once('close', () => {
          if (this.#stopped) setImmediate(() => this.#server.closeIdleConnections());
        });
        listener(request, response);
      },
    );
    this.#server.on('clientError', refuse);
  }

  /** @returns the port: the free one that was picked when 0 was asked for. */
  start(): Promise<number> {
    this.#address ??= new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ port: this.#port, ...(this.#host === undefined ? {} : { host: this.#host }) }, () => {
        const address = this.#server.address();
        if (address === null || typeof address === 'string') reject(new Error('the server has no port'));
        else resolve(address.port);
      });
    });
    return this.#address;
  }

  /** @param drainMs how long requests in flight may take to end. */
  stop(drainMs: number): Promise<void> {
    this.#stopped ??= this.#close(drainMs);
    return this.#stopped;
  }

  async #close(drainMs: number): Promise<void> {
    if (!this.#server.listening) return;
    const cut = setTimeout(() => this.#server.closeAllConnections(), drainMs);
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeIdleConnections();
    });
    clearTimeout(cut);
  }
}

// What is no HTTP, or too slow, or has too large headers, is answered before any of our handlers sees it.
function refuse(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const tooLarge = error.code === 'HPE_HEADER_OVERFLOW';
  const timedOut = error.code === 'ERR_HTTP_REQUEST_TIMEOUT';
  const status = tooLarge
    ? '431 Request Header Fields Too Large'
    : timedOut
      ? '408 Request Timeout'
      : '400 Bad Request';
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

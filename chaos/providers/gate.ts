import { once } from 'node:events';
import type { Server, Socket } from 'node:net';

/** A server's door on loopback: shut, it refuses connections and has ended all that there were. It keeps its port. */
export class Gate {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #port = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(server: Server) {
    this.#server = server;
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
  }

  /** @returns the port. Safe when it is open. */
  async open(): Promise<number> {
    return this.#inTurn(async () => {
      if (!this.#server.listening) this.#port = await this.#listen();
      return this.#port;
    });
  }

  async shut(): Promise<void> {
    await this.#inTurn(async () => {
      if (!this.#server.listening) return;
      const closed = once(this.#server, 'close');
      this.#server.close();
      for (const socket of this.#sockets) socket.destroy();
      await closed;
    });
  }

  async #listen(): Promise<number> {
    const listening = once(this.#server, 'listening');
    this.#server.listen({ host: '127.0.0.1', port: this.#port });
    // Rejects by itself at an error, such as a port that somebody took meanwhile.
    await listening;
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the server has no port');
    return address.port;
  }

  // A server that is opened before it has closed would never say that it has.
  async #inTurn<T>(action: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(action);
    this.#last = mine.catch(() => undefined);
    return mine;
  }
}

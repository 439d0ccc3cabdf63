import type { Logger } from 'pino';
import type { ApiServer } from './api/server.ts';
import type { Config } from './config.ts';
import { type Foundation, type FoundationOptions, layFoundation } from './foundation.ts';
import { makeFront } from './front.ts';
import { Machinery } from './machinery.ts';
import { makeReady } from './make-ready.ts';
import { Metrics } from './metrics.ts';
import { backlog } from './store/dispatch.ts';

/** The whole service in one process, as its roles say. Started in order, stopped in reverse. */
export class App {
  readonly foundation: Foundation;
  readonly machinery: Machinery;
  readonly #config: Config;
  readonly #front: ApiServer;
  #listening: { url: string; internalUrl: string } | undefined;
  #signInUrl: string | undefined;

  private constructor(config: Config, log: Logger, foundation: Foundation) {
    const metrics = new Metrics(async () => backlog(foundation.service, foundation.clock.now()));
    const publicUrl = (): string => this.publicUrl;
    this.#config = config;
    this.foundation = foundation;
    this.machinery = new Machinery(config, foundation, publicUrl, log, metrics);
    this.#front = makeFront({ config, log, metrics, foundation, machinery: this.machinery, publicUrl });
  }

  /** Throws what stands in the way; nothing is left running then. */
  static async start(config: Config, log: Logger, options: FoundationOptions = {}): Promise<App> {
    const foundation = await layFoundation(config, log, { sandbox: config.roles.has('api'), ...options });
    let app: App | undefined;
    try {
      app = new App(config, log, foundation);
      await app.#start(log);
      return app;
    } catch (error) {
      await (app ?? foundation).stop();
      throw error;
    }
  }

  async #start(log: Logger): Promise<void> {
    const signInToken = await makeReady(this.#config, this.foundation, log);
    // Links hold the address, so the listening comes before the sending.
    this.#listening = await this.#front.start();
    if (signInToken !== undefined) this.#signInUrl = `${this.publicUrl}/admin/sign-in?token=${signInToken}`;
    await this.machinery.start();
  }

  /** No new requests and no new sendings; what is under way ends within the drain's time; then nothing at all. */
  async stop(): Promise<void> {
    await Promise.all([this.#front.stop(), this.machinery.drain()]);
    await this.machinery.stop();
    await this.foundation.stop();
  }

  /** Where the API listens on this machine. */
  get url(): string {
    return this.#listening?.url ?? '';
  }

  /** Where health and metrics are. */
  get internalUrl(): string {
    return this.#listening?.internalUrl ?? '';
  }

  /** As others see the API. */
  get publicUrl(): string {
    return this.#config.publicUrl ?? this.url;
  }

  /** A one-time sign-in link, when there was no operator yet. */
  get signInUrl(): string | undefined {
    return this.#signInUrl;
  }
}

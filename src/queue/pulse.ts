import { Client } from 'pg';
import { Repeating } from './repeating.ts';

/**
 * Whether PostgreSQL answers, over a connection made for each asking: what hangs on the pool (or the pool itself) must
 * not be taken for a database that is away. A loop that is silent while PostgreSQL is, too, is not stuck.
 */
export class Pulse {
  readonly #asking: Repeating;
  readonly #everyMs: number;
  #answeringSince: number | undefined;
  #heardAt = -Infinity;

  constructor(url: string, everyMs: number) {
    this.#everyMs = everyMs;
    const onError = (): void => void (this.#answeringSince = undefined);
    this.#asking = new Repeating(async () => this.#ask(url), { everyMs, onError });
  }

  start(): void {
    this.#asking.start();
  }

  async stop(): Promise<void> {
    await this.#asking.stop();
  }

  /** For how many milliseconds it has answered without a gap; 0 when it does not. */
  answeringFor(): number {
    const now = performance.now();
    if (this.#answeringSince === undefined || now - this.#heardAt > this.#everyMs + 2 * patienceMs) return 0;
    return now - this.#answeringSince;
  }

  async #ask(url: string): Promise<void> {
    const client = new Client({
      connectionString: url,
      application_name: 'sollecito pulse',
      connectionTimeoutMillis: patienceMs,
      query_timeout: patienceMs,
    });
    client.on('error', () => undefined);
    const askedAt = performance.now();
    try {
      await client.connect();
      await client.query('SELECT');
    } finally {
      // A server that is silent would be waited for.
      void client.end().catch(() => undefined);
    }
    this.#heardAt = performance.now();
    this.#answeringSince ??= askedAt;
  }
}

const patienceMs = 2_000;

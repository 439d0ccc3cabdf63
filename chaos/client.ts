import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';

export type Answer = { status: number; json: unknown; at: number; tries: number };
type Request = { method: string; path: string; key: string; body: unknown; headers?: Record<string, string> };

const timeoutMs = 15_000;
/** Whatever was broken, it is back long before: an API that never answers is a finding of its own. */
const patienceMs = 180_000;
/** Answers that say: not now. */
const notNow = new Set([429]);
const problemSchema = z.object({ type: z.string() });

/**
 * A caller as it should be: it asks until it is answered, with the same keys, at whichever API is there. Lost
 * connections, timeouts and 5xx are no answers.
 */
export class ApiClient {
  readonly #urls: readonly string[];
  /** What came instead of answers, by kind. */
  readonly lost = new Map<string, number>();
  readonly #signal: AbortSignal;
  #turn = 0;

  constructor(urls: readonly string[], signal: AbortSignal) {
    this.#urls = urls;
    this.#signal = signal;
  }

  /** @param sent called with the address each time that the request leaves. */
  async ask(request: Request, sent?: (url: string) => void): Promise<Answer> {
    const late = performance.now() + patienceMs;
    for (let tries = 1; ; tries++) {
      this.#signal.throwIfAborted();
      if (performance.now() > late) throw new Error(`${request.method} ${request.path} got no answer for 3 minutes`);
      const url = this.#urls[this.#turn++ % this.#urls.length] ?? '';
      const answer = await this.#once(url, request, sent);
      if (answer) return { ...answer, tries };
      await pause(Math.min(1_000, 50 * tries));
    }
  }

  async #once(
    url: string,
    { method, path, key, body, headers }: Request,
    sent?: (url: string) => void,
  ): Promise<Omit<Answer, 'tries'> | undefined> {
    const bytes = body instanceof Uint8Array;
    try {
      const asked = fetch(url + path, {
        method,
        headers: {
          authorization: `Bearer ${key}`,
          ...(body === undefined ? {} : { 'content-type': bytes ? 'application/pdf' : 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: bytes ? Uint8Array.from(body) : JSON.stringify(body) }),
        signal: AbortSignal.timeout(timeoutMs),
      });
      sent?.(url);
      const response = await asked;
      const text = await response.text();
      const at = Date.now();
      const { status } = response;
      const json: unknown = text === '' ? undefined : JSON.parse(text);
      if (status < 500 && !notNow.has(status) && !isInFlight(status, json)) return { status, json, at };
      this.#count(String(status));
    } catch (error) {
      this.#count(error instanceof DOMException && error.name === 'TimeoutError' ? 'timeout' : 'connection lost');
    }
    return undefined;
  }

  #count(what: string): void {
    this.lost.set(what, (this.lost.get(what) ?? 0) + 1);
  }
}

function isInFlight(status: number, json: unknown): boolean {
  if (status !== 409) return false;
  return problemSchema.safeParse(json).data?.type.endsWith(':idempotency-key-in-flight') ?? false;
}

import { z } from 'zod';

/** What the service answered instead of what was asked for. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

const problem = z.object({
  type: z.string(),
  title: z.string(),
  detail: z.string().optional(),
  errors: z.array(z.object({ path: z.string(), code: z.string(), message: z.string() })).optional(),
});
const requestTimeoutMs = 60_000;

type Request = { json?: unknown; file?: { name: string; bytes: Uint8Array }; headers?: Record<string, string> };

/** Speaks to the service as another app would: over HTTP, with a tenant's key. */
export class ApiClient {
  readonly #url: string;
  readonly #key: string;
  readonly #stop: AbortSignal;

  constructor(url: string, key: string, stop: AbortSignal) {
    this.#url = url;
    this.#key = key;
    this.#stop = stop;
  }

  async get<T>(path: string, reply: z.ZodType<T>): Promise<T> {
    return this.send('GET', path, reply);
  }

  /** @throws Refused with the problem's name and its first field's message; DOMException when it is stopped. */
  async send<T>(method: string, path: string, reply: z.ZodType<T>, request: Request = {}): Promise<T> {
    const { json, file, headers } = request;
    const body = file ? Uint8Array.from(file.bytes) : json === undefined ? undefined : JSON.stringify(json);
    const response = await fetch(this.#url + path, {
      method,
      headers: {
        authorization: `Bearer ${this.#key}`,
        ...typeOf(request),
        ...headers,
      },
      ...(body === undefined ? {} : { body }),
      signal: AbortSignal.any([this.#stop, AbortSignal.timeout(requestTimeoutMs)]),
    });
    const answer: unknown = await response.json();
    if (!response.ok) throw refusal(response.status, answer);
    return reply.parse(answer);
  }

  /** Every item of a list, page by page. `path` has its `?`. */
  async all<T>(path: string, item: z.ZodType<T>): Promise<T[]> {
    const page = z.object({ items: z.array(item), nextCursor: z.string().nullable() });
    const items: T[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const next: { items: T[]; nextCursor: string | null } = await this.get(
        `${path}&limit=200${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`,
        page,
      );
      items.push(...next.items);
      cursor = next.nextCursor;
    }
    return items;
  }
}

function typeOf({ json, file }: Request): Record<string, string> {
  if (json === undefined && !file) return {};
  const isJson = !file || file.name.toLowerCase().endsWith('.json');
  return { 'content-type': isJson ? 'application/json' : 'application/octet-stream' };
}

function refusal(status: number, answer: unknown): Refused {
  const read = problem.safeParse(answer).data;
  if (!read) return new Refused(`http-${status}`, `the service answered HTTP ${status}`);
  const [field] = read.errors ?? [];
  const where = field && field.path !== '' ? ` (${field.path.slice(1)})` : '';
  return new Refused(
    field?.code ?? read.type.replace('urn:sollecito:problem:', ''),
    `${read.detail ?? read.title}${where}`,
  );
}

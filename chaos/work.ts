import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import type { Answer, ApiClient } from './client.ts';
import type { Plan, Step, Wish } from './plan.ts';
import type { Told } from './told.ts';

const clients = 6;
const acceptedSchema = z.object({ id: z.string() });
const problemSchema = z.object({ type: z.string() });
const batchSchema = z.object({
  items: z.array(
    z.object({ reminder: acceptedSchema.optional(), problem: problemSchema.optional(), status: z.number() }),
  ),
});
const changedSchema = z.object({ inFlight: z.array(z.string()).default([]) });

type AskStep = Extract<Step, { kind: 'ask' }>;

export type WorkOptions = {
  client: ApiClient;
  /** The tenants' API keys. */
  keys: ReadonlyMap<string, string>;
  /** Spread over so long; null: as fast as they are answered. */
  forMs: number | null;
  /** A batch is on its way to that API. */
  batchSent: (url: string) => void;
};

/** Several clients at once that ask, pay and change their minds, and remember every answer. */
export class Work {
  readonly told: Told = { accepted: [], refused: new Map(), stopped: [] };
  readonly #plan: Plan;
  readonly #options: WorkOptions;
  readonly #ids = new Map<string, string>();
  readonly #wishes: number;
  #answered = 0;

  constructor(plan: Plan, options: WorkOptions) {
    this.#plan = plan;
    this.#options = options;
    this.#wishes = plan.steps.reduce((sum, step) => sum + (step.kind === 'ask' ? step.wishes.length : 0), 0);
  }

  /** The share of the wishes that were answered. */
  progress(): number {
    return this.#answered / this.#wishes;
  }

  async run(): Promise<void> {
    const { forMs } = this.#options;
    const { steps } = this.#plan;
    const begun = performance.now();
    let next = 0;
    const oneClient = async (): Promise<void> => {
      for (let n = next++; n < steps.length; n = next++) {
        const step = steps[n];
        if (!step) return;
        if (forMs !== null) {
          const dueIn = (forMs * n) / steps.length - (performance.now() - begun);
          if (dueIn > 0) await pause(dueIn);
          if (performance.now() - begun > forMs) return;
        }
        await this.#do(step);
      }
    };
    await Promise.all(Array.from({ length: clients }, oneClient));
  }

  async #do(step: Step): Promise<void> {
    switch (step.kind) {
      case 'ask':
        return step.batch ? this.#askTogether(step) : this.#askOne(step);
      case 'pay': {
        const body = { ref: 'paid', amount: { value: '100.00', currency: 'EUR' }, paidOn: today() };
        return this.#change(step, step.dueDate, ['POST', `/v1/due-dates/${step.dueDate}/payments`, body]);
      }
      case 'hold':
        return this.#change(step, step.dueDate, ['PUT', `/v1/due-dates/${step.dueDate}/hold`, { reason: 'disputed' }]);
      case 'exclude':
        return this.#change(step, step.customer, ['PATCH', `/v1/customers/${step.customer}`, { doNotRemind: true }]);
      case 'cancel': {
        const id = this.#ids.get(step.key);
        if (id !== undefined) await this.#change(step, id, ['POST', `/v1/reminders/${id}/cancel`, undefined]);
      }
    }
  }

  async #askOne({ tenant, wishes }: AskStep): Promise<void> {
    const [wish] = wishes;
    if (!wish) return;
    const answer = await this.#options.client.ask({
      method: 'POST',
      path: '/v1/reminders',
      key: this.#keyOf(tenant),
      body: bodyOf(wish, Date.now()),
      headers: { 'idempotency-key': wish.key },
    });
    if (answer.status === 202) this.#accept(wish, acceptedSchema.parse(answer.json).id, answer.at);
    else this.#refuse(answer.json);
    this.#answered += 1;
  }

  async #askTogether({ tenant, wishes }: AskStep): Promise<void> {
    const now = Date.now();
    const answer = await this.#options.client.ask(
      {
        method: 'POST',
        path: '/v1/reminders/batch',
        key: this.#keyOf(tenant),
        body: { reminders: wishes.map((wish) => ({ idempotencyKey: wish.key, ...bodyOf(wish, now) })) },
      },
      this.#options.batchSent,
    );
    const { items } = batchSchema.parse(expectStatus(answer, 200).json);
    for (const [n, wish] of wishes.entries()) {
      const item = items[n];
      if (item?.reminder) this.#accept(wish, item.reminder.id, answer.at);
      else this.#refuse(item?.problem);
    }
    this.#answered += wishes.length;
  }

  async #change(
    { kind, tenant }: Exclude<Step, AskStep>,
    what: string,
    [method, path, body]: [method: string, path: string, body: unknown],
  ): Promise<void> {
    const answer = await this.#options.client.ask({ method, path, key: this.#keyOf(tenant), body });
    // A refusal (already sending, already sent) stops nothing.
    if (answer.status >= 300) return;
    const { inFlight } = changedSchema.parse(answer.json);
    this.told.stopped.push({ kind, tenant, what, at: answer.at, inFlight });
  }

  #accept(wish: Wish, id: string, at: number): void {
    this.#ids.set(wish.key, id);
    this.told.accepted.push({ id, wish, at });
  }

  #refuse(problem: unknown): void {
    const type = problemSchema.safeParse(problem).data?.type.split(':').at(-1) ?? 'no problem named';
    this.told.refused.set(type, (this.told.refused.get(type) ?? 0) + 1);
  }

  #keyOf(tenant: string): string {
    const key = this.#options.keys.get(tenant);
    if (key === undefined) throw new Error(`no key for ${tenant}`);
    return key;
  }
}

// Made once for each asking: a repeat carries the same body to the letter.
function bodyOf({ dueDates, channel, to, attachDocument, afterMs }: Wish, now: number): Record<string, unknown> {
  return {
    dueDates,
    channel,
    attachDocument,
    ...(to === null ? {} : { to }),
    ...(afterMs === null ? {} : { sendAt: new Date(now + afterMs).toISOString() }),
  };
}

function expectStatus(answer: Answer, status: number): Answer {
  if (answer.status !== status) throw new Error(`answered ${answer.status}: ${JSON.stringify(answer.json)}`);
  return answer;
}

function today(): string {
  return Temporal.Now.plainDateISO('UTC').subtract({ days: 1 }).toString();
}

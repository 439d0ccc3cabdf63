import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import { asId, formatId, parseId } from '../src/domain/ids.ts';
import type { DeliveryRow } from './verdict.ts';

/**
 * What will still move by itself: what has not ended, and an `unknown` that may yet be repeated (an SMS under its idx,
 * or by the policy `resend`) or be told the truth by a worker that only could not write it down.
 */
const moving = `
  FROM sollecito.delivery d JOIN sollecito.tenant t ON t.id = d.tenant_id
  WHERE d.status IN ('accepted', 'queued', 'sending', 'retrying')
    OR (d.status = 'unknown' AND greatest(d.updated_at, d.lease_until) > clock_timestamp() - make_interval(secs => $1))`;

/** `idleMs`: how long nothing has moved although something was due; negative while all that is left waits for its time. */
export type Ending = { open: number; ended: number; idleMs: number };

/** How long to wait for what is open, over all and without a move. */
export type Patience = { mostMs: number; idleMs: number; signal: AbortSignal };

/** Looks at PostgreSQL while it may be away. */
export class EndingWatch {
  readonly #url: () => string;
  readonly #graceSeconds: number;

  /** @param graceMs from becoming `unknown` until nothing changes that any more */
  constructor(url: () => string, graceMs: number) {
    this.#url = url;
    this.#graceSeconds = graceMs / 1_000;
  }

  /** Undefined while PostgreSQL does not answer. */
  async look(): Promise<Ending | undefined> {
    return this.#query(async (client) => {
      const { rows } = await client.query<Ending>(
        `SELECT o.open::integer, (a.total - o.open)::integer AS ended,
           (extract(epoch FROM clock_timestamp() - greatest(a.moved_at, o.due_at)) * 1000)::float8 AS "idleMs"
         FROM (SELECT count(*) AS open, max(greatest(d.next_attempt_at, d.lease_until)) AS due_at ${moving}) o,
           (SELECT count(*) AS total, max(updated_at) AS moved_at FROM sollecito.delivery) a`,
        [this.#graceSeconds],
      );
      return rows[0];
    }).catch(() => undefined);
  }

  /** Until all has ended, or nothing moves any more, or for `mostMs`. @returns whether all has ended */
  async wait({ mostMs, idleMs, signal }: Patience, seen?: (ending: Ending) => void): Promise<boolean> {
    const late = performance.now() + mostMs;
    for (;;) {
      signal.throwIfAborted();
      const ending = await this.look();
      if (ending) seen?.(ending);
      if (ending?.open === 0) return true;
      if (performance.now() > late || (ending?.idleMs ?? 0) > idleMs) return false;
      await pause(500);
    }
  }

  /** Everything that is written down about these reminders: for a person who looks for the cause. */
  async stories(reminders: readonly string[]): Promise<unknown[]> {
    const ids = reminders.flatMap((text) => parseId('reminder', text) ?? []);
    return this.#query(async (client) => {
      const { rows } = await client.query<Record<string, unknown>>(
        `SELECT to_jsonb(d) AS delivery, (
           SELECT jsonb_agg(to_jsonb(e) - 'tenant_id' ORDER BY e.at, e.id) FROM sollecito.event e WHERE e.reminder_id = d.reminder_id
         ) AS events
         FROM sollecito.delivery d WHERE d.reminder_id = ANY ($1)`,
        [ids],
      );
      return rows;
    });
  }

  async rows(): Promise<DeliveryRow[]> {
    return this.#query(async (client) => {
      const { rows } = await client.query<Row>(
        `SELECT d.id, d.reminder_id, t.ref AS tenant, t.unknown_policy AS policy, d.recipient, d.status, d.reason, d.resends,
           ARRAY(SELECT extract(epoch FROM m.created_at)::float8 * 1000 FROM sollecito.delivery_message m WHERE m.delivery_id = d.id) AS claimed_at
         FROM sollecito.delivery d JOIN sollecito.tenant t ON t.id = d.tenant_id`,
      );
      return rows.map(({ id, reminder_id, claimed_at, ...row }) => ({
        ...row,
        delivery: formatId('delivery', asId('delivery', id)),
        reminder: formatId('reminder', asId('reminder', reminder_id)),
        claimedAt: claimed_at,
      }));
    });
  }

  async #query<T>(ask: (client: Client) => Promise<T>): Promise<T> {
    const client = new Client({ connectionString: this.#url(), connectionTimeoutMillis: 2_000, query_timeout: 20_000 });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return await ask(client);
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}

type Row = Omit<DeliveryRow, 'delivery' | 'reminder' | 'claimedAt'> & {
  id: string;
  reminder_id: string;
  claimed_at: number[];
};

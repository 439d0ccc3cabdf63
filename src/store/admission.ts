import { z } from 'zod';
import type { AdmissionFacts, ReminderRequest } from '../domain/admission.ts';
import type { Origin } from '../domain/delivery-facts.ts';
import { asId, type DeliveryId, type DueDateId, parseId, type ReminderId, type TenantId } from '../domain/ids.ts';
import { Named } from '../domain/named.ts';
import type { QuotaLimit } from '../domain/quota.ts';
import type { Database, Queryable } from './database.ts';
import { toQuotaLimit } from './quota.ts';

/** A reply that was given for a key before. `hash` is of the request it answered (hex). */
export type KeptReply = { hash: string; status: number; body: string; location: string | null };

/** A reminder, ready to be written: what was asked for, and what its names were found to be. */
export type NewReminder = Omit<ReminderRequest, 'dueDates' | 'to' | 'bankAccount' | 'sendAt'> & {
  id: ReminderId;
  customerId: string;
  bankAccountId: string | null;
  origin: Origin;
  actor: string;
  recipients: 'given' | 'customer';
  sendAt: string;
};

export type Acceptable = {
  key: string;
  hash: string;
  /** The reply, to the letter. */
  status: number;
  body: string;
  location: string | null;
  reminder: NewReminder;
  dueDates: DueDateId[];
  deliveries: { id: DeliveryId; position: number; recipient: string }[];
};

export type Acceptance = { kind: 'accepted' } | { kind: 'existing'; reply: KeptReply } | Exhausted;

/** `limit`: the one that is exhausted; null when it has made room again since. */
type Exhausted = { kind: 'quota-exhausted'; limit: QuotaLimit | null };

/** Thrown when an equal key is still being worked on after 5 s. */
export class KeyInFlight extends Error {}

/** What requests rest on, in one round trip. @param names.dueDates refs or ids. */
export async function loadAdmissionFacts(
  database: Database,
  tenant: TenantId,
  names: { keys: string[]; dueDates: string[]; bankAccounts: string[] },
): Promise<{ facts: AdmissionFacts & { country: string; smsMaxSegments: number }; kept: Map<string, KeptReply> }> {
  const { rows } = await database.pool.query<{ facts: unknown }>({
    name: 'admission-facts',
    text: 'SELECT sollecito.admission_facts($1, $2, $3, $4, $5, $6) AS facts',
    values: [
      tenant,
      names.keys,
      names.dueDates,
      names.dueDates.map((name) => parseId('dueDate', name)).filter((id) => id !== undefined),
      names.bankAccounts,
      names.bankAccounts.map((name) => parseId('bankAccount', name)).filter((id) => id !== undefined),
    ],
  });
  const { keys, dueDates, customers, bankAccounts, ...facts } = factsSchema.parse(rows[0]?.facts);
  return {
    facts: {
      ...facts,
      dueDates: new Named('dueDate', dueDates),
      customers: new Map(customers.map((customer) => [customer.id, customer])),
      bankAccounts: new Named('bankAccount', bankAccounts),
    },
    kept: new Map(keys.map(({ key, ...reply }) => [key, reply])),
  };
}

/**
 * Accepts reminders in one transaction and one round trip (accept_reminders in the migrations): keys, quota, rows,
 * events. Answers in the items' order. Throws KeyInFlight.
 */
export async function acceptReminders(
  database: Database,
  tenant: TenantId,
  items: Acceptable[],
  now: Temporal.Instant,
): Promise<Acceptance[]> {
  const { rows } = await database.pool
    .query<AcceptRow>({
      name: 'accept-reminders',
      text: 'SELECT * FROM sollecito.accept_reminders($1, $2, $3)',
      values: [tenant, now.toString(), JSON.stringify(items.map((item, n) => ({ n, ...item })))],
    })
    .catch((error: unknown) => {
      // Raised by accept_reminders: the other holder of the key has not ended in time.
      if (error instanceof Error && 'code' in error && error.code === 'SO001') throw new KeyInFlight('key in flight');
      throw error;
    });
  return rows.map((row) => {
    if (row.outcome === 'accepted') return { kind: 'accepted' };
    if (row.outcome === 'quota-exhausted') return { kind: 'quota-exhausted', limit: toQuotaLimit(row.exhausted) };
    return {
      kind: 'existing',
      reply: { hash: row.request_hash, status: row.status, body: row.body, location: row.location },
    };
  });
}

type AcceptRow = {
  outcome: 'accepted' | 'existing' | 'quota-exhausted';
  request_hash: string;
  status: number;
  body: string;
  location: string | null;
  exhausted: unknown;
};

/** Writes a reminder without key or quota: for a preview, whose transaction is rolled back. */
export async function writeReminder(
  client: Queryable,
  tenant: TenantId,
  item: Pick<Acceptable, 'reminder' | 'dueDates' | 'deliveries'>,
  now: Temporal.Instant,
): Promise<void> {
  await client.query('SELECT sollecito.insert_reminders($1, $2, $3)', [tenant, now.toString(), JSON.stringify([item])]);
}

const instant = z.string().transform((text) => Temporal.Instant.from(text));

const factsSchema = z.object({
  timeZone: z.string(),
  country: z.string(),
  smsMaxSegments: z.number(),
  contactGapDays: z.number(),
  bindsCallers: z.boolean(),
  keys: z.array(
    z.object({
      key: z.string(),
      hash: z.string(),
      status: z.number(),
      body: z.string(),
      location: z.string().nullable(),
    }),
  ),
  dueDates: z.array(
    z.object({
      id: z.string().transform((uuid) => asId('dueDate', uuid)),
      ref: z.string(),
      customerId: z.string().transform((uuid) => asId('customer', uuid)),
      direction: z.enum(['receivable', 'payable']),
      state: z.enum(['open', 'partlyPaid', 'paid', 'void']),
      received: z.boolean(),
      lastContactAt: z.object({ email: instant.optional(), sms: instant.optional() }).nullable(),
    }),
  ),
  customers: z.array(
    z.object({
      id: z.string().transform((uuid) => asId('customer', uuid)),
      email: z.array(z.string()),
      phone: z.array(z.string()),
    }),
  ),
  bankAccounts: z.array(z.object({ id: z.string().transform((uuid) => asId('bankAccount', uuid)), ref: z.string() })),
});

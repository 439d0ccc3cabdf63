import { z } from 'zod';
import type { DeliveryFacts } from '../domain/delivery-facts.ts';
import { deliveryStatuses } from '../domain/delivery-state.ts';
import { asId, type DeliveryId, type IdKind } from '../domain/ids.ts';
import { moneyFromNumeric, parseCurrency } from '../domain/money.ts';
import type { Queryable } from './database.ts';

/** What is known of a delivery now, without a lock: for composing its message. Undefined when there is none such. */
export async function loadDeliveryFacts(client: Queryable, delivery: DeliveryId): Promise<DeliveryFacts | undefined> {
  const { rows } = await client.query<{ facts: unknown }>({
    name: 'delivery-facts',
    text: 'SELECT sollecito.delivery_facts($1) AS facts',
    values: [delivery],
  });
  return parseFacts(rows[0]?.facts);
}

/** The same, with the rows behind it locked until the transaction ends. Undefined when the job is no longer its own. */
export async function lockDeliveryFacts(
  client: Queryable,
  delivery: DeliveryId,
  dispatchNo: number,
): Promise<DeliveryFacts | undefined> {
  const { rows } = await client.query<{ facts: unknown }>({
    name: 'lock-for-claim',
    text: 'SELECT sollecito.lock_for_claim($1, $2) AS facts',
    values: [delivery, dispatchNo],
  });
  return parseFacts(rows[0]?.facts);
}

function parseFacts(json: unknown): DeliveryFacts | undefined {
  return json === null || json === undefined ? undefined : factsSchema.parse(json);
}

const id = <K extends IdKind>(kind: K) => z.string().transform((uuid) => asId(kind, uuid));
const instant = z.string().transform((text) => Temporal.Instant.from(text));

const dueDateSchema = z
  .object({
    id: id('dueDate'),
    ref: z.string(),
    customerId: id('customer'),
    direction: z.enum(['receivable', 'payable']),
    state: z.enum(['open', 'partlyPaid', 'paid', 'void']),
    documentNumber: z.string().nullable(),
    documentDate: z.string().nullable(),
    documentType: z.string(),
    dueOn: z.string(),
    amount: z.string(),
    outstanding: z.string(),
    paid: z.string(),
    credited: z.string(),
    instalment: z.object({ number: z.number(), count: z.number() }).nullable(),
    currency: z.string(),
    paymentUrl: z.string().nullable(),
    holdReason: z.enum(['disputed', 'promised', 'paused']).nullable(),
    holdUntil: z.string().nullable(),
    ownDocumentId: id('document').nullable(),
    hasInvoice: z.boolean(),
    version: z.number(),
    documentEdition: z.string(),
    bankAccountChosen: z.boolean(),
    bankAccount: z
      .object({ holder: z.string(), iban: z.string(), bic: z.string().nullable(), version: z.number() })
      .nullable(),
  })
  .transform(({ currency: code, ...due }) => {
    const currency = parseCurrency(code);
    if (!currency) throw new Error('due date holds an unknown currency');
    return {
      ...due,
      amount: moneyFromNumeric(due.amount, currency),
      outstanding: moneyFromNumeric(due.outstanding, currency),
      paid: moneyFromNumeric(due.paid, currency),
      credited: moneyFromNumeric(due.credited, currency),
    };
  });

const factsSchema = z.object({
  delivery: z.object({
    id: id('delivery'),
    status: z.enum(deliveryStatuses),
    recipient: z.string(),
    position: z.number(),
    dispatchNo: z.number(),
    generation: z.number(),
    attempts: z.number(),
    prepareFailures: z.number(),
    resends: z.number(),
  }),
  reminder: z.object({
    id: id('reminder'),
    channel: z.enum(['email', 'sms']),
    origin: z.enum(['api', 'operator', 'sequence']),
    recipients: z.enum(['given', 'customer']),
    cc: z.array(z.string()),
    replyTo: z.string().nullable(),
    subject: z.string().nullable(),
    message: z.string().nullable(),
    template: z.string().nullable(),
    locale: z.string().nullable(),
    bankAccountId: id('bankAccount').nullable(),
    attachDocument: z.boolean(),
    override: z.array(z.string()),
    createdAt: instant,
    addressed: z.array(z.string()),
  }),
  tenant: z.object({
    id: id('tenant'),
    name: z.string(),
    senderEmail: z.string().nullable(),
    senderName: z.string().nullable(),
    replyTo: z.string().nullable(),
    smsSender: z.string().nullable(),
    smsMaxSegments: z.number(),
    logo: z.string().nullable(),
    logoImage: z.string().nullable(),
    colour: z.string().nullable(),
    timeZone: z.string(),
    country: z.string(),
    locale: z.string(),
    contactGapDays: z.number(),
    quietHours: z.object({ from: z.string(), to: z.string() }).nullable(),
    bindsCallers: z.boolean(),
    templates: z.record(z.string(), z.number()),
    dkim: z.object({ domain: z.string(), selector: z.string(), sealedKey: z.string() }).nullable(),
    version: z.number(),
  }),
  customer: z.object({
    id: id('customer'),
    name: z.string(),
    email: z.array(z.string()),
    phone: z.array(z.string()),
    locale: z.string().nullable(),
    timeZone: z.string().nullable(),
    doNotRemind: z.boolean(),
    pausedUntil: z.string().nullable(),
    version: z.number(),
  }),
  dueDates: z.array(dueDateSchema),
  thread: z
    .object({
      rootDueDateId: id('dueDate'),
      previous: z.object({ reminderId: id('reminder'), position: z.number(), generation: z.number() }).nullable(),
    })
    .nullable(),
  pauses: z.array(z.object({ id: z.string(), until: instant.nullable() })),
  breaker: z.object({ until: instant.nullable() }).nullable(),
  suppressed: z.object({ reason: z.string(), until: instant.nullable() }).nullable(),
  limited: z.boolean(),
  lastContactAt: instant.nullable(),
});

import { z } from 'zod';
import { mostRecipients } from '../domain/admission.ts';
import { isSuppressed, judge, type LeftOut } from '../domain/claim-verdict.ts';
import { type Channel, commonAccount, type DeliveryFacts, type DueDateFacts } from '../domain/delivery-facts.ts';
import { withDistinctNames } from '../domain/due-date-document.ts';
import { notBefore } from '../domain/clock.ts';
import { exhaustedInWords, type QuotaLimit, remainingOf, tightestLimit } from '../domain/quota.ts';
import { emailSender, smsSender } from '../domain/sender.ts';
import { loadAdmissionFacts, writeReminder } from '../store/admission.ts';
import { loadDeliveryFacts } from '../store/delivery-facts.ts';
import type { StoredDocument } from '../store/documents.ts';
import { instantText } from '../store/instants.ts';
import { loadQuota } from '../store/quota.ts';
import { type Call, operation } from './operation.ts';
import { amountNotShown, previewMessage } from './preview-message.ts';
import { Problem } from './problems.ts';
import { admitted, newReminder } from './reminder-accept.ts';
import { readReminder, reminderBody } from './reminder-request.ts';

const nullableText = z.string().nullable();
const previewReply = z.strictObject({
  channel: z.enum(['email', 'sms']),
  to: z.array(z.string()).max(mostRecipients),
  from: nullableText,
  subject: nullableText.describe('As it can be edited, placeholders kept'),
  message: z
    .string()
    .describe('As it can be edited, placeholders kept; posted back unchanged it gives the same content'),
  html: nullableText,
  text: nullableText,
  sms: z
    .strictObject({ text: z.string(), encoding: z.string(), segments: z.int(), maxSegments: z.int() })
    .nullable()
    .describe('maxSegments: the most parts that the tenant allows'),
  attachments: z.array(z.strictObject({ name: z.string(), bytes: z.int() })),
  bankAccount: z.strictObject({ holder: z.string(), iban: z.string(), bic: nullableText }).nullable(),
  warnings: z.array(z.strictObject({ code: z.string(), message: z.string() })),
  wouldSend: z.boolean(),
  reasons: z.array(z.string()).describe('Why it would not leave now'),
});

const postPreview = operation({
  method: 'post',
  path: '/v1/reminders/preview',
  id: 'postReminderPreview',
  tag: 'Reminders',
  summary: 'The proposal: exactly what would leave',
  description:
    'Takes the body of a reminder. Sends nothing, costs nothing, and keeps nothing but a document that it had to render.',
  scope: 'reminders:read',
  body: z.unknown().meta({ 'x-stands-for': reminderBody }),
  replies: { 200: { description: 'The message as it would leave, and whether it would', schema: previewReply } },
  problems: [
    'not-found',
    'due-date-settled',
    'due-date-void',
    'not-receivable',
    'nothing-received',
    'channel-not-configured',
  ],
  async handle(call) {
    const { facts, to, suppressed, at } = await rehearse(call);
    const verdict = judge(facts, at);
    const dueDates = verdict.kind === 'go' ? verdict.dueDates : facts.dueDates;
    const { json: message, ...said } = await previewMessage(call, facts, dueDates, at);
    const documents = facts.reminder.attachDocument ? await documentsOf(call, facts, dueDates) : [];
    const exhausted = await exhaustedLimit(call, facts.reminder.channel);
    const reasons = [
      ...(to.length === 0 ? ['no-recipient'] : []),
      ...(exhausted ? ['quota-exhausted'] : []),
      ...(verdict.kind === 'go' ? [] : [verdict.reason]),
    ];
    const json = {
      channel: facts.reminder.channel,
      to,
      from: sender(call, facts),
      ...message,
      attachments: facts.reminder.channel === 'email' ? attachmentsOf(documents) : [],
      bankAccount: shownAccount(commonAccount(dueDates)),
      warnings: warnings(facts, {
        to,
        suppressed,
        exhausted,
        documents,
        dueDates,
        ...said,
        leftOut: verdict.kind === 'go' ? verdict.leftOut : [],
        at,
      }),
      wouldSend: reasons.length === 0,
      reasons,
    };
    return { status: 200, json };
  },
});

function attachmentsOf(documents: StoredDocument[]): { name: string; bytes: number }[] {
  return withDistinctNames(documents).map(({ name, bytes }) => ({ name, bytes: bytes.length }));
}

type PreviewCall = Call<unknown, unknown, unknown>;

type Rehearsed = {
  /** Of the first recipient who may be written to, else of the first. */
  facts: DeliveryFacts;
  to: string[];
  /** Those of them who must not be written to. */
  suppressed: string[];
  at: Temporal.Instant;
};

/** Writes the reminder for real, reads what a worker would read, and takes it all back. */
export async function rehearse({ parts, caller, body }: PreviewCall): Promise<Rehearsed> {
  const asked = readReminder(body);
  const { facts: known } = await loadAdmissionFacts(parts.database, caller.tenant, {
    keys: [],
    dueDates: asked.dueDates,
    bankAccounts: asked.bankAccount === null ? [] : [asked.bankAccount],
  });
  const now = parts.clock.now();
  const { request, admission, to } = admittedOrNobody(parts, asked, known, now);
  const made = newReminder(caller, request, admission, now);
  const all = await parts.database.rehearse(caller.tenant, async (client) => {
    await writeReminder(client, caller.tenant, made, now);
    const loaded: DeliveryFacts[] = [];
    for (const { id } of made.deliveries) {
      const one = await loadDeliveryFacts(client, id);
      if (one) loaded.push(one);
    }
    return loaded;
  });
  const at = notBefore(request.sendAt, now);
  const facts = all.find((one) => !isSuppressed(one, at)) ?? all[0];
  if (!facts) throw new Error('a rehearsed reminder cannot be read');
  return {
    facts,
    to,
    suppressed: all.filter((one) => isSuppressed(one, at)).map(({ delivery }) => delivery.recipient),
    at,
  };
}

// Nobody to send to is no reason to show nothing: the operator may add an address to what is shown.
function admittedOrNobody(
  parts: PreviewCall['parts'],
  asked: ReturnType<typeof readReminder>,
  known: Parameters<typeof admitted>[2],
  now: Temporal.Instant,
) {
  try {
    // Whether it would be too soon is the verdict's to say: a person sees the message all the same.
    const made = admitted(parts, { ...asked, override: [...asked.override, 'gap'] }, known, now);
    return { admission: made.admission, request: { ...made.request, override: asked.override }, to: made.admission.to };
  } catch (error) {
    if (!(error instanceof Problem) || error.problem !== 'no-recipient') throw error;
    const stranger = asked.channel === 'email' ? 'nobody@invalid.example' : '+393331234567';
    return { ...admitted(parts, { ...asked, to: [stranger] }, known, now), to: [] };
  }
}

async function documentsOf(
  { parts, caller }: PreviewCall,
  facts: DeliveryFacts,
  dueDates: DueDateFacts[],
): Promise<StoredDocument[]> {
  const wanted = facts.reminder.channel === 'email' ? dueDates : dueDates.slice(0, 1);
  const documents = await Promise.all(
    wanted.map(async (due) =>
      parts.documents.documentFor(caller.tenant, due.id, facts.reminder.bankAccountId).catch(() => undefined),
    ),
  );
  // One that came with an invoice goes once for all its instalments.
  return [...new Map(documents.flatMap((document) => (document ? [[document.id, document]] : []))).values()];
}

async function exhaustedLimit({ parts, caller }: PreviewCall, channel: Channel): Promise<QuotaLimit | null> {
  const { limits } = await parts.database.tenantTransaction(caller.tenant, async (client) =>
    loadQuota(client, caller.tenant, parts.clock.now()),
  );
  const tightest = tightestLimit(limits, channel);
  return tightest && remainingOf(tightest) === 0 ? tightest : null;
}

type Shown = {
  to: string[];
  suppressed: string[];
  exhausted: QuotaLimit | null;
  documents: StoredDocument[];
  dueDates: DueDateFacts[];
  leftOut: LeftOut[];
  shortened: boolean;
  showsAmount: boolean;
  at: Temporal.Instant;
};

function warnings(facts: DeliveryFacts, shown: Shown): { code: string; message: string }[] {
  const attached = facts.reminder.attachDocument;
  const found: [boolean, string, string][] = [
    [shown.to.length === 0, 'no-recipient', 'The customer has no address for this channel.'],
    [
      shown.suppressed.length > 0,
      'suppressed',
      `To be left out, as they must not be written to: ${shown.suppressed.join(', ')}.`,
    ],
    [
      attached && shown.dueDates.some((due) => !due.hasInvoice && due.ownDocumentId === null),
      'no-invoice',
      'There is no invoice: a payment statement goes instead.',
    ],
    [
      shown.shortened,
      'sms-shortened',
      'The text was too long for the parts that the tenant allows: its last lines are left out.',
    ],
    [!shown.showsAmount, ...amountNotShown],
    ...missing(facts, shown),
    [shown.exhausted !== null, 'quota-exhausted', exhaustedInWords(shown.exhausted)],
    [attached && shown.documents.length === 0, 'document-unavailable', 'The document cannot be made at the moment.'],
    [
      facts.lastContactAt !== null,
      'reminded-before',
      `A reminder went out on ${facts.lastContactAt ? instantText(facts.lastContactAt) : ''}.`,
    ],
    ...shown.leftOut.map(({ id, reason }): [boolean, string, string] => {
      const due = facts.dueDates.find((candidate) => candidate.id === id);
      return [true, 'left-out', `The due date ${due?.ref ?? ''} is left out: ${reason}.`];
    }),
  ];
  return found.filter(([holds]) => holds).map(([, code, message]) => ({ code, message }));
}

const lateTemplates: readonly (string | null)[] = ['overdue', 'final-notice'];

// What its reader would stumble over: a reproach too early, no way to pay, nobody to ask.
function missing({ reminder, tenant }: DeliveryFacts, shown: Shown): [boolean, string, string][] {
  const open = shown.dueDates.filter((due) => due.outstanding.units > 0n);
  const today = shown.at.toZonedDateTimeISO(tenant.timeZone).toPlainDate().toString();
  return [
    [
      lateTemplates.includes(reminder.template) && !open.some((due) => due.dueOn < today),
      'not-late',
      `The template ${reminder.template ?? ''} speaks of what is late, and nothing is on ${today}.`,
    ],
    [
      commonAccount(open) === null && open.some((due) => due.bankAccount !== null),
      'several-bank-accounts',
      'The due dates name different bank accounts, so that the message shows none: choose one by bankAccount.',
    ],
    [
      open.length > 0 && open.every((due) => due.bankAccount === null) && open.some((due) => due.paymentUrl === null),
      'no-way-to-pay',
      'There is neither a bank account nor a payment address for all that is open.',
    ],
    [
      (reminder.replyTo ?? tenant.replyTo ?? tenant.senderEmail) === null,
      'no-reply-address',
      'There is no address that the customer could answer to.',
    ],
  ];
}

function sender({ parts }: PreviewCall, { tenant, reminder }: DeliveryFacts): string | null {
  if (reminder.channel === 'sms') return smsSender(tenant, parts.sender.smsFrom);
  const { name, address } = emailSender(tenant, parts.sender.mailFrom?.address ?? '');
  return address === '' ? null : `${name} <${address}>`;
}

function shownAccount(account: DueDateFacts['bankAccount']) {
  return account && { holder: account.holder, iban: account.iban, bic: account.bic };
}

export const previewOperations = [postPreview];

import type { DeliveryStatus } from './delivery-state.ts';
import type { BankAccountId, CustomerId, DeliveryId, DocumentId, DueDateId, ReminderId, TenantId } from './ids.ts';
import type { Money } from './money.ts';
import { distinctMailboxes } from './email-address.ts';
import { parsePhone } from './phone.ts';

export type Channel = 'email' | 'sms';
export type Origin = 'api' | 'operator' | 'sequence';
export type HoldReason = 'disputed' | 'promised' | 'paused';
/** Local times of day, `HH:MM`; `from` may be later than `to`: over midnight. */
export type QuietHours = { from: string; to: string };

/** One due date of a reminder, as it is now. */
export type DueDateFacts = {
  id: DueDateId;
  ref: string;
  /** Who owes it now: it may have been moved from the reminder's customer to another. */
  customerId: CustomerId;
  direction: 'receivable' | 'payable';
  state: 'open' | 'partlyPaid' | 'paid' | 'void';
  documentNumber: string | null;
  documentDate: string | null;
  documentType: string;
  dueOn: string;
  amount: Money;
  outstanding: Money;
  /** The money that came, which may be more than was owed. */
  paid: Money;
  /** What credit notes took off it. */
  credited: Money;
  /** Which of several instalments of its invoice; null for the only one. */
  instalment: { number: number; count: number } | null;
  paymentUrl: string | null;
  holdReason: HoldReason | null;
  holdUntil: string | null;
  ownDocumentId: DocumentId | null;
  hasInvoice: boolean;
  version: number;
  /** Which document stands for it now (the edition of a rendered one). */
  documentEdition: string;
  /** Chosen for the reminder, or for it: more than the tenant's usual one. */
  bankAccountChosen: boolean;
  /** Where its money should go: the account that its document shows as well. */
  bankAccount: { holder: string; iban: string; bic: string | null; version: number } | null;
};

/** All that a verdict and a message rest on, read at one moment. Days are `YYYY-MM-DD`. */
export type DeliveryFacts = {
  delivery: {
    id: DeliveryId;
    status: DeliveryStatus;
    recipient: string;
    position: number;
    dispatchNo: number;
    generation: number;
    attempts: number;
    prepareFailures: number;
    resends: number;
  };
  reminder: {
    id: ReminderId;
    channel: Channel;
    origin: Origin;
    recipients: 'given' | 'customer';
    cc: string[];
    replyTo: string | null;
    subject: string | null;
    message: string | null;
    template: string | null;
    locale: string | null;
    /** Chosen for this reminder. */
    bankAccountId: BankAccountId | null;
    attachDocument: boolean;
    override: string[];
    createdAt: Temporal.Instant;
    /** Everyone that it has a delivery for. */
    addressed: string[];
  };
  tenant: {
    id: TenantId;
    name: string;
    senderEmail: string | null;
    senderName: string | null;
    replyTo: string | null;
    smsSender: string | null;
    /** The most parts that an SMS may take. */
    smsMaxSegments: number;
    /** An https address. */
    logo: string | null;
    /** The SHA-256 (hex) of a logo that is an image of ours. */
    logoImage: string | null;
    colour: string | null;
    timeZone: string;
    country: string;
    locale: string;
    contactGapDays: number;
    quietHours: QuietHours | null;
    bindsCallers: boolean;
    /** Which versions of its own templates stand: `overdue email it` to the number. */
    templates: Record<string, number>;
    dkim: { domain: string; selector: string; sealedKey: string } | null;
    version: number;
  };
  customer: {
    id: CustomerId;
    name: string;
    email: string[];
    phone: string[];
    locale: string | null;
    timeZone: string | null;
    doNotRemind: boolean;
    pausedUntil: string | null;
    version: number;
  };
  dueDates: DueDateFacts[];
  /** Of an email: what it goes on about, and what was last taken for the same recipient and due date. */
  thread: {
    rootDueDateId: DueDateId;
    previous: { reminderId: ReminderId; position: number; generation: number } | null;
  } | null;
  pauses: { id: string; until: Temporal.Instant | null }[];
  /**
   * Null: the provider works. `until` null: it failed lately. Before it nothing may leave; after it, one delivery tries.
   */
  breaker: { until: Temporal.Instant | null } | null;
  /** The recipient must not be written to (until then). */
  suppressed: { reason: string; until: Temporal.Instant | null } | null;
  /** Whether a limit is set for what is handed over: the tenant's, the provider account's, the recipient domain's. */
  limited: boolean;
  lastContactAt: Temporal.Instant | null;
};

/**
 * Says in one line on which versions a message was composed: when it differs at the claim, something the text
 * rests on has changed and it must be composed again. The day is part of it (days late, holds that end).
 */
export function fingerprint(facts: DeliveryFacts, now: Temporal.Instant): string {
  return [
    now.toZonedDateTimeISO(facts.tenant.timeZone).toPlainDate().toString(),
    `tenant ${facts.tenant.version} ${JSON.stringify(facts.tenant.templates)} ${facts.tenant.dkim?.sealedKey ?? 'unsigned'}`,
    `customer ${facts.customer.version}`,
    ...facts.dueDates.map(
      ({ id, version, documentEdition, bankAccount }) =>
        `${id} ${version} ${documentEdition} ${bankAccount ? `${bankAccount.iban} ${bankAccount.version}` : 'no account'}`,
    ),
  ].join(' · ');
}

/**
 * The one account for all that is open of these due dates; null where there is none, or where they name several: money
 * for one must not go to another's, and the document of each shows its own.
 */
export function commonAccount(dueDates: readonly DueDateFacts[]): DueDateFacts['bankAccount'] {
  const open = dueDates.filter((due) => due.outstanding.units > 0n);
  const [first, ...others] = open.map((due) => due.bankAccount);
  return first && others.every((other) => other?.iban === first.iban && other.holder === first.holder) ? first : null;
}

/** The customer's own addresses, or the numbers (E.164) that can take an SMS. */
export function contactsOf(customer: { email: string[]; phone: string[] }, channel: Channel): string[] {
  return channel === 'email'
    ? distinctMailboxes(customer.email)
    : customer.phone.filter((number) => parsePhone(number, '')?.mobile === true);
}

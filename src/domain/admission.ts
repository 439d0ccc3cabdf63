import { gapEnds } from './claim-verdict.ts';
import { type Channel, contactsOf } from './delivery-facts.ts';
import { distinctMailboxes } from './email-address.ts';
import { isThanks } from './thanks.ts';
import type { BankAccountId, CustomerId, DueDateId } from './ids.ts';
import type { Named } from './named.ts';

/** A reminder as a caller asks for it; names may be refs or ids. */
export type ReminderRequest = {
  /** 1 or more, of one customer. */
  dueDates: string[];
  channel: Channel;
  /** Null: whoever the customer's contacts are when it is sent. */
  to: string[] | null;
  cc: string[];
  replyTo: string | null;
  subject: string | null;
  message: string | null;
  template: string | null;
  locale: string | null;
  bankAccount: string | null;
  attachDocument: boolean;
  sendAt: Temporal.Instant | null;
  priority: number;
  override: string[];
  metadata: Record<string, unknown>;
};

/** What is known of the things that requests name. */
export type AdmissionFacts = {
  timeZone: string;
  contactGapDays: number;
  bindsCallers: boolean;
  dueDates: Named<'dueDate', AdmittedDueDate>;
  customers: ReadonlyMap<CustomerId, { email: string[]; phone: string[] }>;
  bankAccounts: Named<'bankAccount', { id: BankAccountId; ref: string }>;
};

type AdmittedDueDate = {
  id: DueDateId;
  ref: string;
  customerId: CustomerId;
  direction: 'receivable' | 'payable';
  state: 'open' | 'partlyPaid' | 'paid' | 'void';
  /** Money came for it: what a credit note took off is none. */
  received: boolean;
  lastContactAt: { email?: Temporal.Instant | undefined; sms?: Temporal.Instant | undefined } | null;
};

export type Admission = {
  kind: 'admitted';
  customerId: CustomerId;
  dueDates: { id: DueDateId; ref: string }[];
  bankAccountId: BankAccountId | null;
  recipients: 'given' | 'customer';
  to: string[];
  /** Copies: each has a delivery of its own too. */
  cc: string[];
};

export type AdmissionRefusal = {
  kind: 'refused';
  problem:
    | 'invalid-request'
    | 'not-found'
    | 'due-date-settled'
    | 'due-date-void'
    | 'not-receivable'
    | 'nothing-received'
    | 'recently-reminded'
    | 'no-recipient';
  detail: string;
  /** A JSON Pointer to what is wrong. */
  path: string;
};

/** A reminder has at most this many recipients. */
export const mostRecipients = 10;

/**
 * Judges a request at the door. Only what is settled (for thanks: what nothing came for), void, payable or missing is
 * refused here: holds, exclusions and pauses may change until it is sent, so the claim judges them.
 */
export function admit(
  request: ReminderRequest,
  facts: AdmissionFacts,
  now: Temporal.Instant,
): Admission | AdmissionRefusal {
  const dueDates: AdmittedDueDate[] = [];
  for (const [n, name] of request.dueDates.entries()) {
    const path = request.dueDates.length === 1 ? '/dueDate' : `/dueDates/${n}`;
    const due = facts.dueDates.find(name);
    if (!due) return refuse('not-found', `There is no due date ${name}.`, path);
    const refusal = refusalOf(due, request, facts, now, path);
    if (refusal) return refusal;
    dueDates.push(due);
  }
  const [first] = dueDates;
  if (!first) return refuse('not-found', 'No due date is named.', '/dueDates');
  if (dueDates.some((due) => due.customerId !== first.customerId)) {
    return refuse('invalid-request', 'The due dates of one reminder must be of one customer.', '/dueDates');
  }
  if (new Set(dueDates.map((due) => due.id)).size < dueDates.length) {
    return refuse('invalid-request', 'A due date is named twice.', '/dueDates');
  }
  return address(request, facts, first.customerId, dueDates);
}

function refusalOf(
  due: AdmittedDueDate,
  request: ReminderRequest,
  facts: AdmissionFacts,
  now: Temporal.Instant,
  path: string,
): AdmissionRefusal | undefined {
  if (due.state === 'void') return refuse('due-date-void', `The due date ${due.ref} is void.`, path);
  const thanks = isThanks(request.template);
  if (thanks && !due.received) {
    return refuse('nothing-received', `Nothing was received for the due date ${due.ref} yet.`, path);
  }
  if (due.state === 'paid' && !thanks) return refuse('due-date-settled', `The due date ${due.ref} is paid.`, path);
  if (due.direction === 'payable') return refuse('not-receivable', `The due date ${due.ref} is payable.`, path);
  const last = due.lastContactAt?.[request.channel];
  if (!facts.bindsCallers || !last || request.override.includes('gap')) return undefined;
  const until = gapEnds(last, facts.contactGapDays, facts.timeZone);
  if (Temporal.Instant.compare(until, request.sendAt ?? now) <= 0) return undefined;
  return refuse(
    'recently-reminded',
    `The due date ${due.ref} was reminded of on ${shown(last)}; the next may go at ${shown(until)}.`,
    path,
  );
}

function address(
  request: ReminderRequest,
  facts: AdmissionFacts,
  customerId: CustomerId,
  dueDates: { id: DueDateId; ref: string }[],
): Admission | AdmissionRefusal {
  const bankAccount = request.bankAccount === null ? undefined : facts.bankAccounts.find(request.bankAccount);
  if (request.bankAccount !== null && !bankAccount) {
    return refuse('not-found', `There is no bank account ${request.bankAccount}.`, '/bankAccount');
  }
  const customer = facts.customers.get(customerId);
  const wanted = request.to ?? (customer ? contactsOf(customer, request.channel) : []);
  // Who is a recipient needs no copy.
  const cc = distinctMailboxes([...wanted, ...request.cc]).slice(wanted.length);
  const to = wanted.slice(0, mostRecipients - cc.length);
  if (to.length === 0) {
    const missing = request.channel === 'email' ? 'email address' : 'mobile number';
    return refuse('no-recipient', `The customer has no ${missing}, and none was given.`, '/to');
  }
  return {
    kind: 'admitted',
    customerId,
    dueDates: dueDates.map(({ id, ref }) => ({ id, ref })),
    bankAccountId: bankAccount?.id ?? null,
    recipients: request.to ? 'given' : 'customer',
    to,
    cc,
  };
}

function refuse(problem: AdmissionRefusal['problem'], detail: string, path: string): AdmissionRefusal {
  return { kind: 'refused', problem, detail, path };
}

function shown(instant: Temporal.Instant): string {
  return instant.toString({ fractionalSecondDigits: 3 });
}

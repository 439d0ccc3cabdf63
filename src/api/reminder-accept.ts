import { admit, type Admission, type ReminderRequest } from '../domain/admission.ts';
import { notBefore } from '../domain/clock.ts';
import { newId } from '../domain/ids.ts';
import { exhaustedInWords } from '../domain/quota.ts';
import {
  type Acceptable,
  acceptReminders,
  KeyInFlight,
  type KeptReply,
  loadAdmissionFacts,
} from '../store/admission.ts';
import { leastSegments } from '../templates/compose-sms.ts';
import { attempt, invalidRequest } from './checked.ts';
import { requestHash } from './idempotency.ts';
import type { Caller } from './operation.ts';
import type { ApiParts } from './parts.ts';
import { Problem } from './problems.ts';
import { readRecipients, readReminder } from './reminder-request.ts';
import { acceptedBody } from './reminder-reply.ts';

/** A reminder as it came, with its key; or why its key or form cannot be read. */
export type Asked = { key: string; json: unknown } | Problem;

/** What its caller reads: a reply (body to the letter), new or replayed; or a problem. */
export type Answer =
  | { kind: 'reply'; status: number; body: string; location: string | null; replayed: boolean }
  | { kind: 'problem'; problem: Problem };

type Read = { key: string; hash: string; request: ReminderRequest };

/**
 * Accepts reminders, each alone, in order: one round trip to read what they rest on, one to write them.
 * A key that was used is answered first, with what was answered then.
 */
export async function acceptAll(parts: ApiParts, caller: Caller, asked: readonly Asked[]): Promise<Answer[]> {
  const read = asked.map((item) => (item instanceof Problem ? item : attempt(() => readOne(item))));
  const readable = read.filter((item): item is Read => !(item instanceof Problem));
  const { facts, kept } = await loadAdmissionFacts(parts.database, caller.tenant, {
    keys: keysOf(asked),
    dueDates: readable.flatMap(({ request }) => request.dueDates),
    bankAccounts: readable.flatMap(({ request }) => (request.bankAccount === null ? [] : [request.bankAccount])),
  });
  const now = parts.clock.now();
  const judged = read.map((item, n): Answer | Acceptable => {
    const before = keptFor(asked[n], kept);
    if (before) return before;
    if (item instanceof Problem) return { kind: 'problem', problem: item };
    const made = attempt(() => prepare(parts, caller, item, facts, now));
    return made instanceof Problem ? { kind: 'problem', problem: made } : made;
  });
  const answers = await write(
    parts,
    caller,
    judged.filter((item): item is Acceptable => !('kind' in item)),
    now,
  );
  return judged.map((item) => ('kind' in item ? item : (answers.shift() ?? unanswered())));
}

function readOne({ key, json }: { key: string; json: unknown }): Read {
  return { key, hash: hashOf(json), request: readReminder(json) };
}

// A batch's item is in the same space of keys as a single request: it hashes as one.
function hashOf(json: unknown): string {
  return requestHash('POST', '/v1/reminders', json);
}

function keysOf(asked: readonly Asked[]): string[] {
  return asked.flatMap((item) => (item instanceof Problem ? [] : [item.key]));
}

function keptFor(item: Asked | undefined, kept: Map<string, KeptReply>): Answer | undefined {
  if (!item || item instanceof Problem) return undefined;
  const reply = kept.get(item.key);
  if (!reply) return undefined;
  const hash = attempt(() => hashOf(item.json));
  return hash instanceof Problem ? { kind: 'problem', problem: hash } : replay(reply, hash);
}

function replay(reply: KeptReply, hash: string): Answer {
  if (reply.hash !== hash) {
    const detail = 'The key was used for a request with another body. A new request needs a new key.';
    return { kind: 'problem', problem: new Problem('idempotency-key-reused', detail) };
  }
  return { kind: 'reply', status: reply.status, body: reply.body, location: reply.location, replayed: true };
}

type Facts = Awaited<ReturnType<typeof loadAdmissionFacts>>['facts'];

function prepare(parts: ApiParts, caller: Caller, read: Read, facts: Facts, now: Temporal.Instant): Acceptable {
  const { admission, request } = admitted(parts, read.request, facts, now);
  const made = newReminder(caller, request, admission, now);
  const body = acceptedBody({
    ...made.reminder,
    dueDates: admission.dueDates,
    deliveries: made.deliveries,
    sendAt: Temporal.Instant.from(made.reminder.sendAt),
    createdAt: now,
  });
  return {
    ...made,
    key: read.key,
    hash: read.hash,
    status: 202,
    body: JSON.stringify(body),
    location: `/v1/reminders/${body.id}`,
  };
}

/** Judges a request at the door. Throws the problem to answer with. */
export function admitted(
  parts: ApiParts,
  asked: ReminderRequest,
  facts: Facts,
  now: Temporal.Instant,
): { request: ReminderRequest; admission: Admission } {
  if (!parts.channels.has(asked.channel)) {
    throw new Problem('channel-not-configured', `This service is not set up to send by ${asked.channel}.`);
  }
  refuseTooLong(asked, facts);
  const request = readRecipients(asked, facts.country);
  const admission = admit(request, facts, now);
  if (admission.kind === 'admitted') return { request, admission };
  const { problem, detail, path } = admission;
  if (problem === 'invalid-request') throw invalidRequest([{ path, code: 'invalid', message: detail }]);
  throw new Problem(problem, detail, { errors: [{ path, code: problem, message: detail }] });
}

function refuseTooLong({ channel, message }: ReminderRequest, { smsMaxSegments }: Facts): void {
  if (channel !== 'sms' || message === null || leastSegments(message) <= smsMaxSegments) return;
  throw invalidRequest([
    {
      path: '/message',
      code: 'too-long',
      message: `must fit into ${smsMaxSegments} parts of an SMS, as the tenant allows`,
    },
  ]);
}

/** The rows of a reminder that was admitted. */
export function newReminder(
  caller: Pick<Caller, 'actor' | 'origin'>,
  request: ReminderRequest,
  admission: Admission,
  now: Temporal.Instant,
) {
  const { dueDates: _names, to: _to, bankAccount: _bankAccount, ...asked } = { ...request, cc: admission.cc };
  return {
    reminder: {
      ...asked,
      id: newId('reminder'),
      customerId: admission.customerId,
      bankAccountId: admission.bankAccountId,
      origin: caller.origin,
      actor: caller.actor,
      recipients: admission.recipients,
      sendAt: notBefore(asked.sendAt, now).toString(),
    },
    dueDates: admission.dueDates.map((due) => due.id),
    deliveries: [...admission.to, ...admission.cc].map((recipient, position) => ({
      id: newId('delivery'),
      position,
      recipient,
    })),
  };
}

async function write(parts: ApiParts, caller: Caller, items: Acceptable[], now: Temporal.Instant): Promise<Answer[]> {
  if (items.length === 0) return [];
  const outcomes = await acceptReminders(parts.database, caller.tenant, items, now).catch((error: unknown) => {
    if (!(error instanceof KeyInFlight)) throw error;
    throw new Problem('idempotency-key-in-flight', 'An equal request is still being worked on.', {
      retryAfterSeconds: 1,
    });
  });
  return items.map((item, n): Answer => {
    const outcome = outcomes[n];
    switch (outcome?.kind) {
      case 'accepted':
        parts.accepted(item.reminder.channel);
        return { kind: 'reply', status: item.status, body: item.body, location: item.location, replayed: false };
      case 'existing':
        return replay(outcome.reply, item.hash);
      case 'quota-exhausted':
        return {
          kind: 'problem',
          problem: new Problem('quota-exhausted', `${exhaustedInWords(outcome.limit)} Nothing was accepted.`),
        };
      case undefined:
        return unanswered();
    }
  });
}

function unanswered(): Answer {
  throw new Error('an item was left without an answer');
}

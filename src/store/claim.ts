import type { Clock } from '../domain/clock.ts';
import { type DeferReason, judge, type LeftOut, type SkipReason } from '../domain/claim-verdict.ts';
import { type Channel, contactsOf, fingerprint, type DeliveryFacts } from '../domain/delivery-facts.ts';
import { sourcesOf } from '../domain/delivery-state.ts';
import { type DeliveryId, type DocumentId, newId } from '../domain/ids.ts';
import { waitForProbe } from './breaker.ts';
import type { Database, Queryable } from './database.ts';
import { lockDeliveryFacts } from './delivery-facts.ts';
import { instantText } from './instants.ts';
import { moveDelivery } from './move-delivery.ts';
import { spendLimits } from './spend-limits.ts';

/** What rebuilds the message byte for byte: the MIME with markers for attachments, or the SMS text. */
export type StoredMessage = { sender: string; content: string; template: string; documentIds: DocumentId[] };

export type ClaimRequest = {
  delivery: DeliveryId;
  /** Names this claim: whoever has it may settle it, or give it back. */
  token: string;
  dispatchNo: number;
  channel: Channel;
  /** Of the facts on which the message was composed. */
  fingerprint: string;
  /** Null: a look at it said that it will not leave, so none was composed. Should the verdict be `go` after all: `changed`. */
  message: StoredMessage | null;
  clock: Clock;
  /** From the claim to the hard end of the hand-over, and from there to the end of the lease. */
  sendTimeoutMs: number;
  leaseGraceMs: number;
  /** How soon to look again when another delivery probes a provider that failed. */
  breakerProbeMs: number;
};

export type Claim =
  | Taken
  | { kind: 'skipped'; reason: SkipReason }
  | { kind: 'deferred'; reason: DeferReason; until: Temporal.Instant }
  /** Something the message rests on has changed: compose it again. */
  | { kind: 'changed' }
  /** The delivery is not this job's any more. */
  | { kind: 'gone' };

/** The delivery may be handed over. */
export type Taken = {
  kind: 'go';
  claimNo: number;
  claimedAt: Temporal.Instant;
  deadline: Temporal.Instant;
  /** The provider failed lately, the recipient's domain was slowed: then a success is news. */
  providerFailed: boolean;
  domainSlowed: boolean;
};

type Timed = ClaimRequest & { now: Temporal.Instant };

/**
 * The last look before the hand-over, in one transaction: locks, looks again, judges, and either takes the delivery
 * (with a token, a deadline and the message as it will leave) or says why not. What committed before this wins.
 */
export async function claimDelivery(database: Database, asked: ClaimRequest): Promise<Claim> {
  return database.transaction(async (client) => {
    const facts = await lockDeliveryFacts(client, asked.delivery, asked.dispatchNo);
    if (!facts) return { kind: 'gone' };
    // The locks may have been waited for: the time that counts is the one after.
    const request = { ...asked, now: asked.clock.now() };
    await addNewContacts(client, facts, request.now);
    const verdict = judge(facts, request.now);
    if (verdict.kind === 'skip') return skip(client, request, verdict.reason);
    if (verdict.kind === 'defer') return defer(client, request, verdict.reason, verdict.until);
    const { message } = request;
    if (message === null || fingerprint(facts, request.now) !== request.fingerprint) return { kind: 'changed' };
    const probe = facts.breaker?.until
      ? await waitForProbe(client, request.channel, request.now, request.breakerProbeMs)
      : undefined;
    if (probe) return defer(client, request, 'provider-down', probe);
    const spent = facts.limited ? await spendLimits(client, facts, request.now) : undefined;
    if (spent?.kind === 'wait') return defer(client, request, spent.reason, spent.until);
    if (facts.dueDates.length > 1) await noteLeftOut(client, facts, verdict.leftOut, request.now);
    const news = { providerFailed: facts.breaker !== null, domainSlowed: spent?.slowed ?? false };
    return take(client, request, message, news);
  });
}

async function skip(client: Queryable, request: Timed, reason: SkipReason): Promise<Claim> {
  await moveDelivery(client, { delivery: request.delivery, to: 'skipped', by: 'claim', at: request.now, reason });
  return { kind: 'skipped', reason };
}

async function defer(client: Queryable, request: Timed, reason: DeferReason, until: Temporal.Instant): Promise<Claim> {
  await moveDelivery(client, {
    delivery: request.delivery,
    to: 'accepted',
    by: 'return',
    at: request.now,
    reason,
    detail: { until: instantText(until) },
    nextAttemptAt: until,
  });
  return { kind: 'deferred', reason, until };
}

/**
 * Notes of which due dates the message does not speak, so that none is counted as reminded that was not, and tells it.
 * One that an earlier message of the reminder spoke of stays counted.
 */
async function noteLeftOut(
  client: Queryable,
  { reminder }: DeliveryFacts,
  leftOut: LeftOut[],
  now: Temporal.Instant,
): Promise<void> {
  await client.query({
    name: 'note-left-out',
    text: `WITH wanted AS (
      SELECT l.due_date_id, l.tenant_id, l.left_out AS before,
        CASE WHEN r.taken_at IS NOT NULL AND l.left_out IS NULL THEN NULL ELSE v.reason END AS reason
      FROM sollecito.reminder_due_date l
      JOIN sollecito.reminder r ON r.id = l.reminder_id
      LEFT JOIN unnest($2::uuid[], $3::text[]) AS v (id, reason) ON v.id = l.due_date_id
      WHERE l.reminder_id = $1
    ), changed AS (
      UPDATE sollecito.reminder_due_date l SET left_out = wanted.reason
      FROM wanted WHERE l.reminder_id = $1 AND l.due_date_id = wanted.due_date_id AND wanted.reason IS DISTINCT FROM wanted.before
    )
    INSERT INTO sollecito.event (at, tenant_id, reminder_id, due_date_id, type, reason)
    SELECT $4, tenant_id, $1, due_date_id, 'leftOut', reason FROM wanted WHERE reason IS NOT NULL AND reason IS DISTINCT FROM before`,
    values: [reminder.id, leftOut.map(({ id }) => id), leftOut.map(({ reason }) => reason), now.toString()],
  });
}

async function take(
  client: Queryable,
  request: Timed,
  message: StoredMessage,
  news: Pick<Taken, 'providerFailed' | 'domainSlowed'>,
): Promise<Claim> {
  const { token } = request;
  const deadline = request.now.add({ milliseconds: request.sendTimeoutMs });
  const { rows } = await client.query<{ claim_no: number }>({
    name: 'take-delivery',
    text: `WITH claimed AS (
      UPDATE sollecito.delivery
      SET status = 'sending', reason = NULL, line_at = NULL, claim_no = claim_no + 1, claim_token = $4, claimed_at = $5, lease_until = $6,
          first_claimed_at = coalesce(first_claimed_at, $5), updated_at = $5
      WHERE id = $1 AND dispatch_no = $2 AND status = ANY ($3)
      RETURNING id, tenant_id, reminder_id, claim_no, recipient
    ), kept AS (
      INSERT INTO sollecito.delivery_message (delivery_id, claim_no, tenant_id, recipient, sender, content, template, document_ids, created_at)
      SELECT id, claim_no, tenant_id, recipient, $7, $8, $9, $10, $5 FROM claimed
    )
    INSERT INTO sollecito.event (at, tenant_id, reminder_id, delivery_id, type, detail)
    SELECT $5, tenant_id, reminder_id, id, 'sending', jsonb_build_object('attempt', claim_no, 'template', $9::text) FROM claimed
    RETURNING (SELECT claim_no FROM claimed)`,
    values: [
      request.delivery,
      request.dispatchNo,
      sourcesOf('sending', 'claim'),
      token,
      request.now.toString(),
      deadline.add({ milliseconds: request.leaseGraceMs }).toString(),
      message.sender,
      message.content,
      message.template,
      message.documentIds,
    ],
  });
  const claimNo = rows[0]?.claim_no;
  if (claimNo === undefined) return { kind: 'gone' };
  return { kind: 'go', claimNo, claimedAt: request.now, deadline, ...news };
}

/**
 * `to` was left open: an address that the customer has gained since the reminder was accepted gets a delivery of its own,
 * while there is room (10). One that was lost is skipped by the verdict.
 */
async function addNewContacts(client: Queryable, facts: DeliveryFacts, now: Temporal.Instant): Promise<void> {
  if (facts.reminder.recipients === 'given') return;
  const contacts = contactsOf(facts.customer, facts.reminder.channel).filter(
    (contact) => !facts.reminder.addressed.includes(contact),
  );
  if (contacts.length === 0) return;
  await client.query({
    name: 'add-new-contacts',
    text: `WITH known AS (
      SELECT recipient, position FROM sollecito.delivery WHERE reminder_id = $1
    ), gained AS (
      SELECT wanted.recipient, wanted.id, (SELECT max(position) FROM known) + row_number() OVER (ORDER BY wanted.n) AS position
      FROM unnest($2::text[], $3::uuid[]) WITH ORDINALITY AS wanted (recipient, id, n)
      WHERE wanted.recipient NOT IN (SELECT recipient FROM known)
    ), added AS (
      INSERT INTO sollecito.delivery (id, tenant_id, reminder_id, channel, position, recipient, status, priority, next_attempt_at, updated_at)
      SELECT gained.id, r.tenant_id, r.id, r.channel, gained.position, gained.recipient, 'accepted', r.priority, $4, $4
      FROM gained, sollecito.reminder r WHERE r.id = $1 AND gained.position <= 9
      RETURNING id, tenant_id, reminder_id
    )
    INSERT INTO sollecito.event (at, tenant_id, reminder_id, delivery_id, type, reason)
    SELECT $4, tenant_id, reminder_id, id, 'accepted', 'recipient-added' FROM added`,
    values: [facts.reminder.id, contacts, contacts.map(() => newId('delivery')), now.toString()],
  });
}

/**
 * After a claim whose answer was lost (PostgreSQL went away): it may have been committed, but nothing was handed over, so
 * the delivery goes back. Does nothing when it was not committed.
 */
export async function giveClaimBack(
  database: Database,
  claim: { delivery: DeliveryId; token: string; now: Temporal.Instant },
): Promise<void> {
  await moveDelivery(database.pool, {
    delivery: claim.delivery,
    to: 'retrying',
    by: 'settle',
    at: claim.now,
    reason: 'claim-unanswered',
    nextAttemptAt: claim.now,
    claimToken: claim.token,
  });
}

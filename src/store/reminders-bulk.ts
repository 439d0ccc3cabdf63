import type { Channel } from '../domain/delivery-facts.ts';
import { sourcesOf } from '../domain/delivery-state.ts';
import { asId, type ReminderId, type TenantId } from '../domain/ids.ts';
import type { Queryable } from './database.ts';
import { refuseUnit } from './quota.ts';
import { reminderConditions, type ReminderFilter } from './reminder-filter.ts';
import type { Place } from './reminders.ts';

/** What may be decided about many reminders at once. */
export type Deed = 'retry' | 'cancel';

/**
 * What becomes of one: done; unchanged (it was called off before); refused by its status; settled or void, so that
 * nothing is left to ask for; exhausted: no unit of quota is left for it.
 */
export type Verdict = 'done' | 'unchanged' | 'refused' | 'settled' | 'void' | 'exhausted';

export type Judged = { id: ReminderId; channel: Channel; verdict: Verdict };

type Deciding = { deed: Deed; tenant: TenantId; actor: string; now: Temporal.Instant };

/**
 * Decides about these reminders in the caller's transaction, the oldest first; one that is not there is left out.
 * Locks them by id before anything else (their deliveries come with them), quota last. What is tried again is a new
 * generation of its deliveries (so that a provider that drops repeats takes them), not before its own time, and its
 * unit is reserved again.
 */
export async function decideAll(
  client: Queryable,
  { deed, tenant, actor, now, reminders }: Deciding & { reminders: readonly ReminderId[] },
): Promise<Judged[]> {
  await client.query(
    'SELECT FROM sollecito.reminder WHERE id = ANY ($1) AND tenant_id = $2 ORDER BY id FOR NO KEY UPDATE',
    [reminders, tenant],
  );
  // Under the locks, so in a statement of its own: it sees what those who held them before have done.
  const { rows } = await client.query<JudgedRow>(
    `SELECT r.id, r.channel, ${verdictOf(deed, '$3')} AS verdict FROM sollecito.reminder r
     WHERE r.id = ANY ($1) AND r.tenant_id = $2 ORDER BY r.created_at, r.id`,
    [reminders, tenant, sources[deed]],
  );
  const judged = await withinQuota(client, { deed, tenant, now }, rows.map(toJudged));
  const chosen = judged.filter(({ verdict }) => verdict === 'done').map(({ id }) => id);
  if (chosen.length > 0)
    await client.query(moveStatements[deed], [chosen, tenant, sources[deed], now.toString(), actor]);
  return judged;
}

/** The next of those that match, oldest first, as they stand now; nothing is locked. */
export async function nextMatching(
  client: Queryable,
  { deed, tenant, filter, after, limit }: Matching & { limit: number },
): Promise<(Judged & { place: Place })[]> {
  const { where, values } = conditions({ tenant, filter, after });
  values.push(sources[deed], limit);
  const verdict = verdictOf(deed, `$${values.length - 1}`);
  const most = `$${values.length}`;
  const { rows } = await client.query<JudgedRow & { created_at: string }>(
    `SELECT r.id, r.channel, ${verdict} AS verdict, r.created_at FROM sollecito.reminder r
     WHERE ${where.join(' AND ')} ORDER BY r.created_at, r.id LIMIT ${most}`,
    values,
  );
  return rows.map((row) => ({
    ...toJudged(row),
    place: { at: Temporal.Instant.from(row.created_at).toString(), id: row.id },
  }));
}

/** By verdict: how many there would be, and the oldest few of them. */
export type Foreseen = { verdict: Verdict; count: number; first: ReminderId[] };

/** What would become of all that match, if it were decided now and nobody else did anything. Nothing is locked. */
export async function foresee(
  client: Queryable,
  { deed, tenant, filter, after, now, few }: Matching & { now: Temporal.Instant; few: number },
): Promise<Foreseen[]> {
  const limits = deed === 'retry' ? await standing(client, tenant, now) : [];
  const { where, values } = conditions({ tenant, filter, after });
  values.push(sources[deed], few);
  const verdict = verdictOf(deed, `$${values.length - 1}`);
  const most = `$${values.length}`;
  const { rows } = await client.query<{ verdict: Verdict; n: number; first: string[] }>(
    `WITH judged AS MATERIALIZED (
       SELECT r.id, r.channel, r.created_at, ${verdict} AS verdict FROM sollecito.reminder r WHERE ${where.join(' AND ')}
     ), within AS ${limits.length > 0 ? withinLimits(limits, values) : '(SELECT * FROM judged)'}
     SELECT v.verdict, v.n, ARRAY(SELECT w.id FROM within w WHERE w.verdict = v.verdict ORDER BY w.created_at, w.id LIMIT ${most}) AS first
     FROM (SELECT verdict, count(*)::integer AS n FROM within GROUP BY verdict) v ORDER BY v.verdict`,
    values,
  );
  return rows.map(({ verdict: its, n, first }) => ({
    verdict: its,
    count: n,
    first: first.map((id) => asId('reminder', id)),
  }));
}

/** @param after the last one before. */
type Matching = { deed: Deed; tenant: TenantId; filter: ReminderFilter; after: Place | undefined };

function conditions({ tenant, filter, after }: Omit<Matching, 'deed'>): { where: string[]; values: unknown[] } {
  const { where, values } = reminderConditions(tenant, filter);
  if (after) {
    values.push(after.at, after.id);
    where.push(`(r.created_at, r.id) > ($${values.length - 1}::timestamptz, $${values.length}::uuid)`);
  }
  return { where, values };
}

type JudgedRow = { id: string; channel: Channel; verdict: Verdict };

function toJudged({ id, channel, verdict }: JudgedRow): Judged {
  return { id: asId('reminder', id), channel, verdict };
}

/** A reminder's status is the least of its deliveries', so that it alone says whether something can be done. */
const sources = {
  retry: sourcesOf('accepted', 'retry'),
  cancel: sourcesOf('canceled', 'cancel'),
} as const satisfies Record<Deed, readonly string[]>;

/** Of the reminder `r`. @param from the parameter that holds the deed's sources. */
function verdictOf(deed: Deed, from: string): string {
  if (deed === 'cancel') {
    return `CASE WHEN r.status = 'canceled' THEN 'unchanged' WHEN r.status = ANY (${from}::text[]) THEN 'done' ELSE 'refused' END`;
  }
  return `CASE WHEN r.status <> ALL (${from}::text[]) THEN 'refused' ELSE (
    SELECT CASE WHEN bool_and(u.state = 'void') THEN 'void'
      WHEN bool_and(u.state = 'void' OR (u.outstanding = 0 AND r.template IS DISTINCT FROM 'thank-you')) THEN 'settled' ELSE 'done' END
    FROM sollecito.reminder_due_date l JOIN sollecito.due_date u ON u.id = l.due_date_id WHERE l.reminder_id = r.id) END`;
}

/** channel null: of all together. */
type Limit = { channel: Channel | null; remaining: number };

/** Gives the units that are left to those that come first. Takes the quota's locks when a plan has limits. */
async function withinQuota(
  client: Queryable,
  { deed, tenant, now }: Omit<Deciding, 'actor'>,
  judged: Judged[],
): Promise<Judged[]> {
  const first = judged.find(({ verdict }) => verdict === 'done');
  if (deed !== 'retry' || !first) return judged;
  await refuseUnit(client, { tenant, channel: first.channel, now });
  const limits = await standing(client, tenant, now);
  return judged.map((one) => {
    if (one.verdict !== 'done') return one;
    const binding = limits.filter(({ channel }) => channel === null || channel === one.channel);
    if (binding.some(({ remaining }) => remaining <= 0)) return { ...one, verdict: 'exhausted' };
    for (const limit of binding) limit.remaining -= 1;
    return one;
  });
}

async function standing(client: Queryable, tenant: TenantId, now: Temporal.Instant): Promise<Limit[]> {
  const { rows } = await client.query<Limit>(
    'SELECT channel, greatest(sends - used - reserved, 0) AS remaining FROM sollecito.quota_standing($1, $2)',
    [tenant, now.toString()],
  );
  return rows;
}

/** As withinQuota does: first what a channel's own limits leave of it, then what those of all channels leave of that. */
function withinLimits(limits: readonly Limit[], values: unknown[]): string {
  values.push(
    limits.map(({ channel }) => channel),
    limits.map(({ remaining }) => remaining),
  );
  const standings = `unnest($${values.length - 1}::text[], $${values.length}::integer[]) AS s (channel, remaining)`;
  return `(
    SELECT a.id, a.channel, a.created_at, CASE
      WHEN a.verdict = 'done' AND a.fits AND a.place <= ALL (SELECT s.remaining FROM ${standings} WHERE s.channel IS NULL) THEN 'done'
      WHEN a.verdict = 'done' THEN 'exhausted' ELSE a.verdict END AS verdict
    FROM (
      SELECT o.*, row_number() OVER (PARTITION BY o.verdict, o.fits ORDER BY o.created_at, o.id) AS place
      FROM (
        SELECT c.*, c.place_of_channel <= ALL (SELECT s.remaining FROM ${standings} WHERE s.channel = c.channel) AS fits
        FROM (SELECT j.*, row_number() OVER (PARTITION BY j.verdict, j.channel ORDER BY j.created_at, j.id) AS place_of_channel FROM judged j) c
      ) o
    ) a
  )`;
}

// The triggers on deliveries bring the reminder's status and the quota along.
const moveStatements: Record<Deed, string> = {
  cancel: `
    WITH chosen AS (
      SELECT d.id FROM sollecito.delivery d WHERE d.reminder_id = ANY ($1) AND d.tenant_id = $2 AND d.status = ANY ($3) ORDER BY d.id FOR NO KEY UPDATE
    ), moved AS (
      UPDATE sollecito.delivery d SET status = sollecito.status_in_doubt(d.in_doubt, 'canceled'), in_doubt = false, reason = 'by-request', updated_at = $4
      FROM chosen WHERE d.id = chosen.id RETURNING d.id, d.reminder_id, d.status
    )
    INSERT INTO sollecito.event (at, tenant_id, reminder_id, delivery_id, type, reason, detail)
    SELECT $4, $2, reminder_id, id, status, 'by-request', jsonb_build_object('actor', $5::text) FROM moved`,
  retry: `
    WITH chosen AS (
      SELECT d.id, r.send_at FROM sollecito.delivery d JOIN sollecito.reminder r ON r.id = d.reminder_id
      WHERE d.reminder_id = ANY ($1) AND d.tenant_id = $2 AND d.status = ANY ($3) ORDER BY d.id FOR NO KEY UPDATE OF d
    ), moved AS (
      UPDATE sollecito.delivery d SET status = 'accepted', reason = 'by-request', attempts = 0, prepare_failures = 0, generation = d.generation + 1,
        first_claimed_at = NULL, next_attempt_at = greatest(chosen.send_at, $4), updated_at = $4
      FROM chosen WHERE d.id = chosen.id RETURNING d.id, d.reminder_id
    ), audited AS (
      INSERT INTO sollecito.audit (tenant_id, actor, action, target, detail, at)
      SELECT $2, $5, 'reminder.retry', reminder_id::text, '{}', $4 FROM moved GROUP BY reminder_id
    )
    INSERT INTO sollecito.event (at, tenant_id, reminder_id, delivery_id, type, reason, detail)
    SELECT $4, $2, reminder_id, id, 'accepted', 'by-request', jsonb_build_object('actor', $5::text) FROM moved`,
};

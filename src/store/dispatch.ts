import type { Channel } from '../domain/delivery-facts.ts';
import { sourcesOf } from '../domain/delivery-state.ts';
import { asId, type DeliveryId, type DueDateId, type TenantId } from '../domain/ids.ts';
import type { Database, Queryable } from './database.ts';

/** A delivery that has become a job; `missingDocuments` are to be rendered before it. */
export type Dispatched = {
  delivery: DeliveryId;
  dispatchNo: number;
  tenant: TenantId;
  missingDocuments: DueDateId[];
};

type Options = { channel: Channel; window: number; now: Temporal.Instant };

/**
 * Takes due deliveries of one channel out of the backlog, up to what the window still holds and what may be handed over
 * now (limits, breaker, pauses): tenants in fair turns (`domain/fair-turns.ts` is the same rule), inside a tenant by the
 * time when it became due, with a head start for its priority. They come back in the order of their turns.
 *
 * At most half of the window waits for documents, so that a slow renderer does not hold up what needs none.
 *
 * One dispatcher at a time for each channel (advisory lock, held to the end of the transaction); rows that somebody
 * else holds (a cancel, a payment) are left for the next round. Rests on the index delivery_due: what is scheduled for
 * later is skipped in one probe for each tenant and priority, however much it is.
 */
export async function dispatchDue(database: Database, options: Options): Promise<Dispatched[]> {
  return database.transaction(async (client) => {
    await client.query(`${lockStatement}, ${planSettings}`, [options.channel]);
    const rows = await take(client, options, 'all');
    // Places are left that those who must wait could not have: they go to whoever needs no document.
    if (rows.some(({ blocked }) => blocked)) rows.push(...(await take(client, options, 'ready')));
    return rows.flatMap(({ id, dispatch_no: dispatchNo, tenant_id: tenant, missing }) =>
      id === null || dispatchNo === null
        ? []
        : {
            delivery: asId('delivery', id),
            dispatchNo,
            tenant: asId('tenant', tenant),
            missingDocuments: missing.map((dueDate) => asId('dueDate', dueDate)),
          },
    );
  });
}

/** id null: blocked by documents, or held by somebody else. */
type Row = {
  id: string | null;
  dispatch_no: number | null;
  tenant_id: string;
  missing: string[];
  blocked: boolean;
};

/** @param whose `ready`: only tenants whose next delivery waits for no document. */
async function take(client: Queryable, options: Options, whose: 'all' | 'ready'): Promise<Row[]> {
  const { channel, window, now } = options;
  const { rows } = await client.query<Row>({
    name: 'dispatch-due',
    text: dispatchStatement,
    values: [channel, now.toString(), window, sourcesOf('queued', 'dispatch'), whose === 'ready'],
  });
  return rows;
}

const lockStatement = `SELECT pg_advisory_xact_lock(hashtext('sollecito.dispatch.' || $1))`;

// Planning anew would take longer than the statement does. And a plan that is kept must also be right for the backlog
// that comes after it: for a table that is still empty the planner would read all of it each time.
const planSettings = `set_config('plan_cache_mode', 'force_generic_plan', true), set_config('enable_seqscan', 'off', true)`;

const dispatchStatement = `
WITH RECURSIVE on_way AS MATERIALIZED (
  -- Two counts, for each has an index of its own.
  SELECT (SELECT count(*) FROM sollecito.delivery WHERE channel = $1 AND status = 'queued') AS queued,
    (SELECT count(*) FROM sollecito.delivery WHERE channel = $1 AND status = 'sending') AS sending
), room AS MATERIALIZED (
  -- An open breaker leaves none, a half open one a single try; what is queued will spend of the provider's limit too.
  SELECT greatest(0, least(
    $3 - queued - sending,
    (SELECT CASE WHEN b.until > $2 THEN 0 ELSE 1 - queued - sending END FROM sollecito.breaker b WHERE b.provider = sollecito.provider_of($1) AND b.until IS NOT NULL),
    (SELECT sollecito.spendable(v, 'UTC', $2) - queued FROM sollecito.send_limit v WHERE v.channel = $1 AND v.tenant_id IS NULL AND v.domain IS NULL)
  ))::bigint AS free
  FROM on_way
), backlog AS (
  -- Which tenants have something due: a probe each, and one more for each level of priority that is all for later.
  (SELECT d.tenant_id FROM sollecito.delivery d
   WHERE d.channel = $1 AND d.status IN ('accepted', 'retrying') AND d.next_attempt_at <= $2 AND (SELECT free FROM room) > 0 ORDER BY d.tenant_id LIMIT 1)
  UNION ALL
  SELECT (SELECT d.tenant_id FROM sollecito.delivery d
          WHERE d.channel = $1 AND d.status IN ('accepted', 'retrying') AND d.next_attempt_at <= $2 AND d.tenant_id > b.tenant_id ORDER BY d.tenant_id LIMIT 1)
  FROM backlog b WHERE b.tenant_id IS NOT NULL
), queued_of AS MATERIALIZED (
  SELECT tenant_id, count(*) AS queued FROM sollecito.delivery WHERE channel = $1 AND status = 'queued' GROUP BY tenant_id
), line AS MATERIALIZED (
  -- allowed: what the tenant's own limit leaves; null without one.
  SELECT t.tenant_id, t.weight::integer, least(t.deficit, t.weight)::integer AS deficit, t.served_at, CASE WHEN v.id IS NOT NULL THEN
    sollecito.spendable(v, (SELECT time_zone FROM sollecito.tenant WHERE id = t.tenant_id), $2) - coalesce((SELECT queued FROM queued_of q WHERE q.tenant_id = t.tenant_id), 0)
  END::bigint AS allowed
  FROM backlog JOIN sollecito.tenant_turn t ON t.tenant_id = backlog.tenant_id AND t.channel = $1
  LEFT JOIN sollecito.send_limit v ON v.channel = $1 AND v.tenant_id = t.tenant_id AND v.domain IS NULL
  WHERE NOT EXISTS (
    SELECT 1 FROM sollecito.pause p
    WHERE p.ended_at IS NULL AND (p.until IS NULL OR p.until > $2)
      AND (p.tenant_id IS NULL OR p.tenant_id = t.tenant_id) AND (p.channel IS NULL OR p.channel = $1)
      AND (p.provider IS NULL OR p.provider = sollecito.provider_of($1))
  )
), turns AS MATERIALIZED (
  -- Each takes at least one place: no more tenants than places are looked into.
  SELECT looked_into.*, count(*) OVER () AS tenants FROM (
    SELECT * FROM line
    WHERE coalesce(allowed, 1) > 0
      AND (NOT $5 OR (SELECT sollecito.missing_documents(h.reminder_id) FROM sollecito.next_due($1, line.tenant_id, $2, 1) h) = '{}')
    ORDER BY deficit = 0, served_at, tenant_id LIMIT (SELECT free FROM room)
  ) looked_into
), candidates AS (
  -- The second turn of one comes after the first of all others, which bounds what it can get; one more tells whether
  -- that is all it has.
  SELECT c.id, c.reminder_id, t.tenant_id, t.weight, t.deficit, t.served_at, count(*) OVER (PARTITION BY t.tenant_id) AS has,
    row_number() OVER (PARTITION BY t.tenant_id ORDER BY c.turn_at, c.id) AS nth
  FROM turns t, room, LATERAL sollecito.next_due($1, t.tenant_id, $2, least(t.allowed, greatest(t.weight, room.free - t.tenants + 1) + 1)) c
), picked AS MATERIALIZED (
  -- Turn 0 goes on with one that the end of the window cut; then it stands at the end of the line.
  SELECT c.*, row_number() OVER (ORDER BY turn, turn > 0 AND deficit > 0, served_at, tenant_id, nth) AS place
  FROM candidates c, LATERAL (SELECT CASE WHEN nth <= deficit THEN 0 ELSE 1 + (nth - deficit - 1) / weight END AS turn)
  ORDER BY place LIMIT (SELECT free FROM room)
), looked AS MATERIALIZED (
  SELECT p.*, m.missing, count(*) FILTER (WHERE m.missing <> '{}') OVER (ORDER BY place) AS waiting
  FROM picked p, LATERAL (SELECT sollecito.missing_documents(p.reminder_id) AS missing OFFSET 0) m
), may_wait AS MATERIALIZED (
  -- Looked up only where it can matter: how many of those queued wait for documents.
  SELECT CASE WHEN more.waiting > 0 AND queued + more.waiting > ($3 + 1) / 2
    THEN ($3 + 1) / 2 - (SELECT count(*) FROM sollecito.delivery q WHERE q.channel = $1 AND q.status = 'queued' AND sollecito.missing_documents(q.reminder_id) <> '{}')
  END AS most
  FROM on_way, (SELECT max(waiting) AS waiting FROM looked) more
), judged AS MATERIALIZED (
  -- A tenant's own ones behind it wait too.
  SELECT l.*, coalesce(bool_or(l.missing <> '{}' AND l.waiting > w.most) OVER (PARTITION BY l.tenant_id ORDER BY l.place), false) AS blocked
  FROM looked l, may_wait w
), taken AS MATERIALIZED (
  SELECT j.*, bool_or(blocked) OVER (PARTITION BY tenant_id) AS ends_blocked, max(place) FILTER (WHERE NOT blocked) OVER () AS last_place FROM judged j
), locked AS MATERIALIZED (
  SELECT d.id FROM sollecito.delivery d JOIN sollecito.reminder r ON r.id = d.reminder_id
  WHERE d.id IN (SELECT id FROM taken WHERE NOT blocked) AND d.status = ANY ($4)
  FOR NO KEY UPDATE OF d, r SKIP LOCKED
), moved AS (
  UPDATE sollecito.delivery d SET status = 'queued', reason = NULL, dispatch_no = d.dispatch_no + 1, queued_at = $2, updated_at = $2
  FROM locked WHERE d.id = locked.id
  RETURNING d.id, d.tenant_id, d.reminder_id, d.dispatch_no
), told AS (
  INSERT INTO sollecito.event (at, tenant_id, reminder_id, delivery_id, type, detail)
  SELECT $2, tenant_id, reminder_id, id, 'queued', jsonb_build_object('dispatch', dispatch_no) FROM moved
), served AS (
  -- Who was served last stands last, to the place: those of one round keep their order. Only the last of all can have
  -- been cut in its turn; whoever was before and could not go on has lost the rest of it.
  UPDATE sollecito.tenant_turn t SET served_at = coalesce(s.served_at, t.served_at), deficit = s.deficit
  FROM (
    SELECT tenant_id,
      greatest($2, (SELECT max(served_at) + interval '1 microsecond' FROM line)) + max(place) * interval '1 microsecond' AS served_at,
      max(CASE
        WHEN place < last_place OR ends_blocked OR has = nth THEN 0
        WHEN nth <= deficit THEN deficit - nth
        ELSE (weight - (nth - deficit) % weight) % weight
      END) AS deficit
    FROM taken WHERE NOT blocked GROUP BY tenant_id
    UNION ALL
    SELECT u.tenant_id, NULL, 0 FROM sollecito.tenant_turn u, room
    WHERE u.channel = $1 AND u.deficit > 0 AND room.free > 0 AND u.tenant_id NOT IN (SELECT tenant_id FROM taken WHERE NOT blocked)
  ) s
  WHERE t.tenant_id = s.tenant_id AND t.channel = $1
)
SELECT m.id, m.dispatch_no, taken.tenant_id, taken.missing, taken.blocked FROM taken LEFT JOIN moved m ON m.id = taken.id ORDER BY taken.place`;

export type Backlog = {
  channel: Channel;
  due: number;
  scheduled: number;
  queued: number;
  sending: number;
  unknown: number;
  /** Of the oldest that is due, in seconds. */
  oldestSeconds: number;
  /** Since the first of those that are unknown became so. */
  oldestUnknownSeconds: number;
};

/** How many deliveries wait, are under way or in doubt: for metrics. Each channel has a row, of zeros too, each count its index. */
export async function backlog(database: Database, now: Temporal.Instant): Promise<Backlog[]> {
  const { rows } = await database.pool.query<Backlog>(
    `SELECT c.channel, waiting.due, waiting.scheduled, waiting."oldestSeconds",
      (SELECT count(*)::integer FROM sollecito.delivery WHERE channel = c.channel AND status = 'queued') AS queued,
      (SELECT count(*)::integer FROM sollecito.delivery WHERE channel = c.channel AND status = 'sending') AS sending,
      doubt.unknown, doubt."oldestUnknownSeconds"
    FROM (VALUES ('email'), ('sms')) AS c (channel), LATERAL (
      SELECT count(*) FILTER (WHERE next_attempt_at <= $1)::integer AS due,
        count(*) FILTER (WHERE next_attempt_at > $1)::integer AS scheduled,
        coalesce(extract(epoch FROM $1 - min(next_attempt_at) FILTER (WHERE next_attempt_at <= $1)), 0)::float8 AS "oldestSeconds"
      FROM sollecito.delivery WHERE channel = c.channel AND status IN ('accepted', 'retrying')
    ) waiting, LATERAL (
      SELECT count(*)::integer AS unknown, coalesce(extract(epoch FROM $1 - min(updated_at)), 0)::float8 AS "oldestUnknownSeconds"
      FROM sollecito.delivery WHERE channel = c.channel AND status = 'unknown'
    ) doubt`,
    [now.toString()],
  );
  return rows;
}

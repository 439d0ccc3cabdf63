import type { Database } from './database.ts';
import { forgetSlowDomains } from './spend-limits.ts';

/** Idempotency keys are kept this long. */
const keyDays = 30;

const biteSize = 1_000;
/** So many bites of some 10 ms: whoever keeps house has other things to do meanwhile. */
const mostBites = 20;

/**
 * Makes the months' partitions ahead and drops what has expired, in small bites: each locks its own keys for a moment,
 * and leaves those that somebody holds.
 * @returns false when there is more to drop: call again soon.
 */
export async function keepHouse(database: Database, now: Temporal.Instant): Promise<boolean> {
  const day = now.toZonedDateTimeISO('UTC').toPlainDate().toString();
  await database.pool.query('SELECT sollecito.ensure_event_partitions($1, 2)', [day]);
  const emptied = await forgetKeys(database, now.subtract({ hours: 24 * keyDays }));
  await forgetSlowDomains(database, now);
  await database.pool.query('DELETE FROM sollecito.operator_session WHERE expires_at < $1', [now.toString()]);
  await database.pool.query('DELETE FROM sollecito.sign_in_link WHERE expires_at < $1', [now.toString()]);
  return emptied;
}

// Rests on the index idempotency_key_age.
async function forgetKeys(database: Database, before: Temporal.Instant): Promise<boolean> {
  for (let bite = 0; bite < mostBites; bite++) {
    const { rowCount } = await database.pool.query(
      `DELETE FROM sollecito.idempotency_key WHERE (tenant_id, key) IN (
        SELECT tenant_id, key FROM sollecito.idempotency_key WHERE created_at < $1 ORDER BY created_at LIMIT $2 FOR UPDATE SKIP LOCKED
      )`,
      [before.toString(), biteSize],
    );
    if ((rowCount ?? 0) < biteSize) return true;
  }
  return false;
}

import type { Database } from './database.ts';

/** Idempotency keys are kept this long. */
const keyDays = 30;

/** Makes the months' partitions ahead and drops what has expired, in small bites. */
export async function keepHouse(database: Database, now: Temporal.Instant): Promise<void> {
  const day = now.toZonedDateTimeISO('UTC').toPlainDate().toString();
  await database.pool.query('SELECT sollecito.ensure_event_partitions($1, 2)', [day]);
  const keysBefore = now.subtract({ hours: 24 * keyDays }).toString();
  for (let bite = 0; bite < 100; bite++) {
    const { rowCount } = await database.pool.query(
      `DELETE FROM sollecito.idempotency_key WHERE (tenant_id, key) IN (
        SELECT tenant_id, key FROM sollecito.idempotency_key WHERE created_at < $1 ORDER BY created_at LIMIT 1000 FOR UPDATE SKIP LOCKED
      )`,
      [keysBefore],
    );
    if (!rowCount) break;
  }
  await database.pool.query('DELETE FROM sollecito.operator_session WHERE expires_at < $1', [now.toString()]);
  await database.pool.query('DELETE FROM sollecito.sign_in_link WHERE expires_at < $1', [now.toString()]);
}

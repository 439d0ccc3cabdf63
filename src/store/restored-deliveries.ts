import { sourcesOf, takenStatuses } from '../domain/delivery-state.ts';
import type { Queryable } from './database.ts';

/** How many deliveries, in how many reminders, of a tenant. */
export type RestoredDoubt = { tenant: string; deliveries: number; reminders: number };

/**
 * The numbers by which jobs and claims are known go on from here. Whatever is left of the lost time (a job in a queue, a
 * worker's late settling, a job id that BullMQ still keeps) has lower ones, and matches nothing any more.
 */
const jump = 1_000;

/** Of every delivery that may be sent again some day, by itself or by a person. Run while no trigger fires: no status moves. */
export async function leaveLostTimeBehind(client: Queryable): Promise<void> {
  await client.query(
    `UPDATE sollecito.delivery SET dispatch_no = dispatch_no + $2, claim_no = claim_no + $2
     WHERE status <> ALL ($1)`,
    [takenStatuses, jump],
  );
}

/**
 * Since the backup was taken the service went on, for nobody knows how long: whatever was open then may have been sent.
 * It becomes `unknown`, reason `restored`, with its event; its unit of quota stays reserved.
 *
 * Only an accepted one whose reminder's own time (send_at) is still to come stands as it did: nothing is dispatched
 * before that, nothing brings it forward, and a retry keeps to it. That it was only put off (quiet hours, a pause, a
 * retry, next_attempt_at) proves nothing: a person may have lifted the pause or released the hold in the lost time.
 *
 * One that was unknown already may have been sent again meanwhile, so it is marked alike. lease_until null keeps the
 * tenant's policy `resend` and the repeat of an SMS from it: both wait for the end of a lease, and no claim of this
 * database stands behind it. For the same reason no late settling may match it (claim_token). claimed_at is the latest
 * moment at which it may have left: the contact gap counts from there.
 * @param takenAt of the backup, in case this server's clock is behind it.
 */
export async function doubtOpenDeliveries(client: Queryable, takenAt: string): Promise<RestoredDoubt[]> {
  const { rows } = await client.query<{ at: string }>(
    'SELECT greatest(clock_timestamp(), $1::timestamptz)::text AS at',
    [takenAt],
  );
  await client.query(
    `WITH moved AS (
      UPDATE sollecito.delivery d
      SET status = 'unknown', reason = 'restored', in_doubt = false, updated_at = $1, claimed_at = $1, claim_token = NULL, lease_until = NULL
      FROM sollecito.reminder r
      WHERE r.id = d.reminder_id AND d.status = ANY ($2) AND (d.status <> 'accepted' OR r.send_at <= $1)
      RETURNING d.id, d.tenant_id, d.reminder_id, old.status AS was
    )
    INSERT INTO sollecito.event (at, tenant_id, reminder_id, delivery_id, type, reason, detail)
    SELECT $1, tenant_id, reminder_id, id, 'unknown', 'restored', jsonb_build_object('was', was, 'backupTakenAt', $3::text) FROM moved`,
    [rows[0]?.at, [...sourcesOf('unknown', 'restore'), 'unknown'], takenAt],
  );
  return restoredDoubt(client);
}

async function restoredDoubt(client: Queryable): Promise<RestoredDoubt[]> {
  const { rows } = await client.query<RestoredDoubt>(
    `SELECT t.ref AS tenant, count(*)::integer AS deliveries, count(DISTINCT d.reminder_id)::integer AS reminders
     FROM sollecito.delivery d JOIN sollecito.tenant t ON t.id = d.tenant_id
     WHERE d.status = 'unknown' AND d.reason = 'restored' GROUP BY t.ref ORDER BY t.ref`,
  );
  return rows;
}

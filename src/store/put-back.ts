import type { DeliveryId } from '../domain/ids.ts';
import { maxPrepareFailures, retryDelay, type RetryTimings } from '../domain/retry.ts';
import type { Database } from './database.ts';
import { instantText } from './instants.ts';
import { moveDelivery } from './move-delivery.ts';

type Job = { delivery: DeliveryId; dispatchNo: number; now: Temporal.Instant };

/** Puts a queued delivery back into the backlog, due again after a while: nothing was handed over. */
export async function putBack(database: Database, job: Job & { reason: string; delayMs: number }): Promise<boolean> {
  const until = job.now.add({ milliseconds: job.delayMs });
  return moveDelivery(database.pool, {
    delivery: job.delivery,
    to: 'accepted',
    by: 'return',
    at: job.now,
    reason: job.reason,
    detail: { until: instantText(until) },
    nextAttemptAt: until,
    dispatchNo: job.dispatchNo,
  });
}

/**
 * What broke while a message was prepared, after the queue's own tries: back into the backlog for a while, and given up
 * after maxPrepareFailures of them. It is no send attempt.
 * @param code says what broke, in a word: no text of a library, no personal data.
 * @returns whether it was given up.
 */
export async function settlePrepareFailure(
  database: Database,
  job: Job & { code: string; random: number; timings: RetryTimings },
): Promise<boolean> {
  const { rows } = await database.pool.query<{ prepare_failures: number }>(
    'SELECT prepare_failures FROM sollecito.delivery WHERE id = $1',
    [job.delivery],
  );
  const failures = (rows[0]?.prepare_failures ?? 0) + 1;
  const givenUp = failures >= maxPrepareFailures;
  const moved = await moveDelivery(database.pool, {
    delivery: job.delivery,
    ...(givenUp ? { to: 'failed', by: 'prepare' } : { to: 'accepted', by: 'return' }),
    at: job.now,
    reason: 'not-preparable',
    detail: { code: job.code, failures },
    dispatchNo: job.dispatchNo,
    ...(givenUp ? {} : { nextAttemptAt: job.now.add({ milliseconds: retryDelay(failures, job.random, job.timings) }) }),
    set: { prepareFailures: failures },
  });
  return moved && givenUp;
}

/** What the caller's own text makes impossible (an unknown placeholder) is failed at once: no try would mend it. */
export async function failUnpreparable(database: Database, job: Job & { code: string }): Promise<boolean> {
  return moveDelivery(database.pool, {
    delivery: job.delivery,
    to: 'failed',
    by: 'prepare',
    at: job.now,
    reason: 'not-preparable',
    detail: { code: job.code },
    dispatchNo: job.dispatchNo,
  });
}

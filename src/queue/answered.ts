/** A queue that does not answer in this time fails what asked it: waiting for ever would look like a loop that is stuck. */
const queueTimeoutMs = 5_000;

class QueueSilent extends Error {
  readonly code = 'queue-silent';
}

/** What the queue answers; rejects with the code `queue-silent` when it does not. What was asked may still be done later. */
export async function answered<T>(asked: Promise<T>, withinMs = queueTimeoutMs): Promise<T> {
  const { promise: tooLate, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new QueueSilent()), withinMs);
  return Promise.race([asked, tooLate]).finally(() => clearTimeout(timer));
}

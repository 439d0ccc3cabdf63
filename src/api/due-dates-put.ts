import type { DueDateId, ReminderId } from '../domain/ids.ts';
import { parseId } from '../domain/ids.ts';
import type { Queryable } from '../store/database.ts';
import type { Change } from '../store/due-dates-events.ts';
import { remindersInFlight } from '../store/due-dates-in-flight.ts';
import { saveDueDates } from '../store/due-dates-save.ts';
import { type DueDate, type DueDateFields, lockDueDates } from '../store/due-dates.ts';
import { isProblem } from './checked.ts';
import { noSuchDueDate } from './due-dates-find.ts';
import type { References } from './due-dates-form.ts';
import { type Naming, resolveReferences } from './due-dates-references.ts';
import { Problem } from './problems.ts';

/** One due date to be written. */
export type Put = {
  ref: string;
  naming: Naming;
  /** Sees it under its lock (undefined: there is none); throws Problem to refuse. */
  fields: (current: DueDate | undefined, references: References) => DueDateFields;
};

export type PutResult =
  | { id: DueDateId; outcome: 'created' | 'changed' | 'unchanged'; inFlight: ReminderId[] }
  | Problem;

/**
 * Writes due dates in their order inside one transaction, each standing alone but for one thing: an item that is refused
 * may have saved the customer it came with. The caller must roll back then, and leave that item out.
 */
export async function putDueDates(client: Queryable, change: Change, puts: readonly Put[]): Promise<PutResult[]> {
  const references = await resolveReferences(
    client,
    change,
    puts.map((put) => put.naming),
  );
  const results = new Map<number, PutResult>();
  let left: Ready[] = [];
  for (const [index, put] of puts.entries()) {
    const found = references[index];
    if (isProblem(found)) results.set(index, found);
    else if (found) left.push({ index, put, references: found });
  }
  // All at once and in the order of their ids, before any is written.
  await lockDueDates(
    client,
    left.map(({ put }) => put.ref),
  );
  while (left.length > 0) left = await putDistinct(client, change, left, results);
  const changed = [...results.values()].flatMap((result) => (isProblem(result) ? [] : [result.id]));
  const inFlight = await remindersInFlight(client, changed);
  return puts.map((_, index) => {
    const result = results.get(index);
    if (!result) throw new Error('every item has a result');
    return isProblem(result) ? result : { ...result, inFlight: inFlight.get(result.id) ?? [] };
  });
}

type Ready = { index: number; put: Put; references: References };

/** Writes the first items up to one that is written twice. @returns those that are left. */
async function putDistinct(
  client: Queryable,
  change: Change,
  left: readonly Ready[],
  results: Map<number, PutResult>,
): Promise<Ready[]> {
  const locked = await lockDueDates(
    client,
    left.map(({ put }) => put.ref),
  );
  const seen = new Set<string>();
  const repeated = left.findIndex(({ put: { ref } }) => {
    const key = locked.get(ref)?.id ?? ref;
    return seen.has(key) || !seen.add(key);
  });
  const round = repeated < 0 ? left : left.slice(0, repeated);
  const writes = round.flatMap((ready) => {
    const write = judged(ready, locked.get(ready.put.ref));
    if (!isProblem(write)) return [{ ready, write }];
    results.set(ready.index, write);
    return [];
  });
  const outcomes = await saveDueDates(
    client,
    change,
    writes.map(({ write }) => write),
  );
  const raced = writes.flatMap(({ ready }, n) => {
    const outcome = outcomes[n];
    if (!outcome || outcome.kind === 'raced') return [ready];
    results.set(
      ready.index,
      'id' in outcome ? { id: outcome.id, outcome: outcome.kind, inFlight: [] } : paidInAnother(),
    );
    return [];
  });
  return [...raced, ...left.slice(round.length)];
}

function judged(
  { put, references }: Ready,
  current: DueDate | undefined,
): { ref: string; current: DueDate | undefined; fields: DueDateFields } | Problem {
  try {
    const fields = put.fields(current, references);
    // Only our own ids look like one: what is not there cannot be made under it.
    if (!current && parseId('dueDate', put.ref) !== undefined) return noSuchDueDate();
    return { ref: put.ref, current, fields };
  } catch (error) {
    if (isProblem(error)) return error;
    throw error;
  }
}

function paidInAnother(): Problem {
  const errors = [{ path: '/amount/currency', code: 'currency-of-payments', message: 'must stay what was paid in' }];
  return new Problem('conflict', 'Payments were recorded in another currency.', { errors });
}

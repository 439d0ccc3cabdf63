import { z } from 'zod';
import { deliveryStatuses } from '../domain/delivery-state.ts';
import { formatId, parseId, type ReminderId, type TenantId } from '../domain/ids.ts';
import { likeContaining } from '../store/like-pattern.ts';
import { type Deed, decideAll, foresee, type Judged, nextMatching, type Verdict } from '../store/reminders-bulk.ts';
import { isContention } from '../store/outage.ts';
import type { ReminderFilter } from '../store/reminder-filter.ts';
import type { Place } from '../store/reminders.ts';
import { decodeCursor, encodeCursor, searchText } from './lists.ts';
import { type Call, operation, type Reply } from './operation.ts';
import type { ProblemName } from './problems.ts';
import { isReason, reminderPlace } from './reminder-list.ts';
import { instant, ref, textAs } from './schemas.ts';

/** One call looks at so many, and begins no more bites after so long: a reply must come before somebody's patience ends. */
const mostInCall = 10_000;
const mostMs = 20_000;
/** So many are read at once … */
const pageSize = 1_000;
/** … and so many are locked by one transaction, which takes some 50 ms. */
const biteSize = 100;
/** Ids of each kind that the reply shows. */
const shownIds = 5;
const sort = 'createdAt';

const reminderId = textAs((text) => parseId('reminder', text), {
  code: 'invalid-id',
  message: 'must be the id of a reminder, such as rem_01kc5v0x9qf0nrt8kq3v6y2h4d',
});
const reason = textAs((text) => (isReason(text) ? text : undefined), {
  code: 'invalid-reason',
  message: 'must be a reason of deliveries, such as exhausted',
});

/** The fields of the list's query. A value stands alone or in a list. */
const filter = z
  .strictObject({
    id: oneOrMore(reminderId),
    dueDate: oneOrMore(ref),
    customer: oneOrMore(ref),
    status: oneOrMore(z.enum(deliveryStatuses)),
    channel: oneOrMore(z.enum(['email', 'sms'])),
    origin: oneOrMore(z.enum(['api', 'operator', 'sequence'])),
    reason: oneOrMore(reason),
    createdFrom: instant.optional(),
    createdTo: instant.optional(),
    q: searchText,
  })
  .superRefine((value, context) => {
    if (Object.values(value).some((condition) => condition !== undefined)) return;
    context.addIssue({
      code: 'custom',
      message: 'must name at least one condition',
      params: { code: 'required' },
    });
  });

const body = z.strictObject({
  filter,
  dryRun: z.boolean().optional().describe('Says what would become of all that match, and does nothing'),
  cursor: z.string().max(2_000).optional().describe('nextCursor of the call before'),
});

const count = z.int();
const bulkReply = z.strictObject({
  dryRun: z.boolean(),
  matched: count.describe('How many this call has looked at; in a dry run all that match'),
  done: count,
  unchanged: count.describe('Called off before'),
  refused: z.record(z.string(), count).describe('By the problem that each would be answered with alone'),
  first: z
    .record(z.string(), z.array(z.string()))
    .describe('The oldest few ids of each: done, unchanged, and by problem'),
  more: z.boolean().describe('There may be more that match: call again with nextCursor'),
  nextCursor: z.string().nullable(),
});

const replies = { 200: { description: 'What became of them', schema: bulkReply } } as const;
const inBites = `In bites, each on its own: what is done stays done whatever becomes of the call, and a call that is repeated does nothing twice. At most ${mostInCall} in one call, the oldest first.`;

const postRemindersRetry = operation({
  method: 'post',
  path: '/v1/reminders/retry',
  id: 'postRemindersRetry',
  tag: 'Reminders',
  summary: 'Tries all failed, skipped or canceled reminders of a filter again',
  description: `${inBites} Each is a new attempt of the same reminder: its unit of quota is reserved again, and limits, pauses and turns hold.`,
  scope: 'reminders:write',
  body,
  replies,
  problems: [],
  handle: async (call) => decideMany(call, 'retry'),
});

const postRemindersCancel = operation({
  method: 'post',
  path: '/v1/reminders/cancel',
  id: 'postRemindersCancel',
  tag: 'Reminders',
  summary: 'Calls off all reminders of a filter that have not left yet',
  description: inBites,
  scope: 'reminders:write',
  body,
  replies,
  problems: [],
  handle: async (call) => decideMany(call, 'cancel'),
});

type BulkCall = Call<unknown, unknown, z.output<typeof body>>;

async function decideMany(call: BulkCall, deed: Deed): Promise<Reply> {
  const {
    filter: { q, ...conditions },
    dryRun = false,
    cursor,
  } = call.body;
  const after = decodeCursor(cursor, sort, reminderPlace);
  const matching: Matching = {
    deed,
    tenant: call.caller.tenant,
    filter: { ...conditions, like: q && likeContaining(q) },
    after: after && { at: after[0], id: after[1] },
  };
  const tally: Tally = new Map();
  const next = dryRun ? await foreseeAll(call, matching, tally) : await decideInBites(call, matching, tally);
  const nextCursor = next && encodeCursor(sort, [next.at, next.id]);
  return { status: 200, json: { dryRun, ...tallyJson(tally, deed), more: next !== null, nextCursor } };
}

async function foreseeAll({ parts }: BulkCall, matching: Matching, tally: Tally): Promise<null> {
  const foreseen = await parts.database.tenantTransaction(matching.tenant, async (client) =>
    foresee(client, { ...matching, now: parts.clock.now(), few: shownIds }),
  );
  for (const { verdict, ...some } of foreseen) tally.set(verdict, some);
  return null;
}

/** @returns the last that was looked at, when there may be more. */
async function decideInBites(call: BulkCall, matching: Matching, tally: Tally): Promise<Place | null> {
  const { parts } = call;
  const began = performance.now();
  let { after } = matching;
  for (let looked = 0; looked < mostInCall; looked += pageSize) {
    const from = after;
    const page = await parts.database.tenantTransaction(matching.tenant, async (client) =>
      nextMatching(client, { ...matching, after: from, limit: pageSize }),
    );
    for (let start = 0; start < page.length; start += biteSize) {
      const bite = page.slice(start, start + biteSize);
      // What its status rules out is not locked for it.
      const { possible = [], ruledOut = [] } = Object.groupBy(bite, ({ verdict }) =>
        verdict === 'done' ? 'possible' : 'ruledOut',
      );
      const judged = await decideBite(call, matching, possible);
      for (const one of [...judged, ...ruledOut]) note(tally, one);
      if (judged.some(({ verdict }) => verdict === 'done')) parts.wake();
      after = bite.at(-1)?.place;
      if (performance.now() - began > mostMs) return after ?? null;
    }
    if (page.length < pageSize) return null;
  }
  return after ?? null;
}

async function decideBite(
  { parts, caller }: Pick<BulkCall, 'parts' | 'caller'>,
  { deed, tenant }: Pick<Matching, 'deed' | 'tenant'>,
  bite: readonly Judged[],
  again = false,
): Promise<Judged[]> {
  if (bite.length === 0) return [];
  const decision = { deed, tenant, actor: caller.actor, now: parts.clock.now(), reminders: bite.map(({ id }) => id) };
  try {
    return await parts.database.tenantTransaction(tenant, async (client) => decideAll(client, decision));
  } catch (error) {
    // Counters of quota are met in no order: one of two that meet twice gives way.
    if (again || !isContention(error)) throw error;
    return decideBite({ parts, caller }, { deed, tenant }, bite, true);
  }
}

type Matching = { deed: Deed; tenant: TenantId; filter: ReminderFilter; after: Place | undefined };
type Tally = Map<Verdict, { count: number; first: ReminderId[] }>;

function note(tally: Tally, { id, verdict }: { id: ReminderId; verdict: Verdict }): void {
  const some = tally.get(verdict) ?? { count: 0, first: [] };
  if (some.first.length < shownIds) some.first.push(id);
  tally.set(verdict, { ...some, count: some.count + 1 });
}

function tallyJson(tally: Tally, deed: Deed) {
  const all = [...tally];
  const named = (verdict: Verdict): string => problemOf(verdict, deed) ?? verdict;
  return {
    matched: all.reduce((sum, [, some]) => sum + some.count, 0),
    done: tally.get('done')?.count ?? 0,
    unchanged: tally.get('unchanged')?.count ?? 0,
    refused: Object.fromEntries(
      all.flatMap(([verdict, some]) => {
        const problem = problemOf(verdict, deed);
        return problem ? [[problem, some.count]] : [];
      }),
    ),
    first: Object.fromEntries(
      all.map(([verdict, { first }]) => [named(verdict), first.map((id) => formatId('reminder', id))]),
    ),
  };
}

/** The problem that a single one would be answered with. */
function problemOf(verdict: Verdict, deed: Deed): ProblemName | undefined {
  switch (verdict) {
    case 'done':
    case 'unchanged':
      return undefined;
    case 'refused':
      return deed === 'retry' ? 'reminder-not-retryable' : 'reminder-not-cancelable';
    case 'settled':
      return 'due-date-settled';
    case 'void':
      return 'due-date-void';
    case 'exhausted':
      return 'quota-exhausted';
  }
}

function oneOrMore<T extends z.ZodType>(value: T) {
  return z
    .union([value, z.array(value).min(1).max(1_000)])
    .transform((given) => (Array.isArray(given) ? given : [given]))
    .optional();
}

export const reminderBulkOperations = [postRemindersRetry, postRemindersCancel];

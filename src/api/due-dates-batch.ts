import { z } from 'zod';
import type { DueDateId } from '../domain/ids.ts';
import type { Queryable } from '../store/database.ts';
import { attempt, checkedValue, isProblem } from './checked.ts';
import { changeOf, showDueDates, type ShownDueDate } from './due-dates-find.ts';
import { dueDateFields, dueDateInputWithRef } from './due-dates-form.ts';
import { type Put, putDueDates, type PutResult } from './due-dates-put.ts';
import { dueDateReply, inFlightJson } from './due-dates-reply.ts';
import type { Naming } from './due-dates-references.ts';
import { type Call, largeBody, operation } from './operation.ts';
import { type Problem, problemBody } from './problems.ts';
import { batchReply, eachAlone } from './schemas.ts';

const putDueDateBatch = operation({
  method: 'post',
  path: '/v1/due-dates/batch',
  id: 'putDueDates',
  tag: 'Due dates',
  summary: 'Makes or replaces up to 1,000 due dates',
  description:
    "As many PUTs in their order; each stands alone. An item's problem points into that item, as if it had been sent alone.",
  scope: 'data:write',
  body: z.strictObject({ dueDates: eachAlone(dueDateInputWithRef, 1_000) }),
  bodyLimit: largeBody,
  replies: {
    200: { description: 'One result for each, in order', schema: batchReply('dueDate', dueDateReply) },
  },
  problems: [],
  async handle(call) {
    const { results, shown } = await putAll(
      call,
      call.body.dueDates.map((item) => attempt(() => readItem(item))),
    );
    return { status: 200, json: { items: results.map((result) => itemJson(result, shown, call.requestId)) } };
  },
});

export const dueDateBatchOperations = [putDueDateBatch];

function readItem(value: unknown): Put {
  const { ref, ...input } = checkedValue(dueDateInputWithRef, value);
  return { ref, naming: input, fields: (_current, references) => dueDateFields(input, references) };
}

type BatchResult = { results: PutResult[]; shown: Map<DueDateId, ShownDueDate> };

/** Ends a transaction whose refused items have saved the customers they came with. */
class SetAside extends Error {}

// One transaction for all. Where a refused item has saved something it is rolled back and done again without that item:
// nothing of it stays. Each round leaves at least one item out, so it ends; an ordinary batch takes one.
async function putAll(
  { parts, caller }: Pick<Call<unknown, unknown, unknown>, 'parts' | 'caller'>,
  items: readonly (Put | Problem)[],
): Promise<BatchResult> {
  const refused = new Map<number, Problem>();
  for (const [index, item] of items.entries()) if (isProblem(item)) refused.set(index, item);
  const round = async (client: Queryable): Promise<BatchResult> => {
    const left = [...items.entries()].flatMap(([index, item]) =>
      isProblem(item) || refused.has(index) ? [] : [{ index, item }],
    );
    const done = await putDueDates(
      client,
      changeOf({ parts, caller }),
      left.map(({ item }) => item),
    );
    const results = new Map<number, PutResult>(refused);
    const before = refused.size;
    for (const [n, { index, item }] of left.entries()) {
      const result = done[n];
      if (!result) throw new Error('every item has a result');
      results.set(index, result);
      if (isProblem(result) && bringsMore(item.naming)) refused.set(index, result);
    }
    if (refused.size > before) throw new SetAside();
    const ids = done.flatMap((result) => (isProblem(result) ? [] : [result.id]));
    const shown = await showDueDates(client, parts, ids);
    return { results: items.flatMap((_, index) => results.get(index) ?? []), shown };
  };
  for (;;) {
    try {
      return await parts.database.tenantTransaction(caller.tenant, round);
    } catch (error) {
      if (!(error instanceof SetAside)) throw error;
    }
  }
}

function bringsMore({ customer, bankAccount }: Naming): boolean {
  return typeof customer === 'object' || (typeof bankAccount === 'object' && bankAccount !== null);
}

function itemJson(result: PutResult, shown: ReadonlyMap<DueDateId, ShownDueDate>, requestId: string) {
  if (isProblem(result)) return { status: result.status, problem: problemBody(result, requestId) };
  const dueDate = { ...shown.get(result.id)?.json, inFlight: inFlightJson(result.inFlight) };
  return { status: result.outcome === 'created' ? 201 : 200, dueDate };
}

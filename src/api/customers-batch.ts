import { z } from 'zod';
import type { TenantId } from '../domain/ids.ts';
import { saveCustomer } from '../store/customers.ts';
import type { Queryable } from '../store/database.ts';
import { customersRemindersInFlight } from '../store/due-dates-in-flight.ts';
import { tenantCountry } from '../store/tenants.ts';
import { attempt, checkedValue, isProblem } from './checked.ts';
import { customerFields, customerInputWithRef, customerJson } from './customer-form.ts';
import { changedReply, statusOf } from './customers.ts';
import { inFlightJson } from './due-dates-reply.ts';
import { largeBody, operation } from './operation.ts';
import { Problem, problemBody } from './problems.ts';
import { batchReply, eachAlone } from './schemas.ts';

const putCustomers = operation({
  method: 'post',
  path: '/v1/customers/batch',
  id: 'putCustomers',
  tag: 'Customers',
  summary: 'Makes or replaces up to 1,000 customers',
  description:
    "As many PUTs in their order; each stands alone. An item's problem points into that item, as if it had been sent alone.",
  scope: 'data:write',
  body: z.strictObject({ customers: eachAlone(customerInputWithRef, 1_000) }),
  bodyLimit: largeBody,
  replies: {
    200: { description: 'One result for each, in order', schema: batchReply('customer', changedReply) },
  },
  problems: [],
  handle: async ({ parts, caller, body, requestId }) => {
    const read = body.customers.map((item) => attempt(() => checkedValue(customerInputWithRef, item)));
    const items = await parts.database.tenantTransaction(caller.tenant, (client) =>
      saveAll(client, { tenant: caller.tenant, now: parts.clock.now(), read }),
    );
    const json = items.map((item) =>
      isProblem(item) ? { status: item.status, problem: problemBody(item, requestId) } : item,
    );
    return { status: 200, json: { items: json } };
  },
});

export const customerBatchOperations = [putCustomers];

type Read = z.output<typeof customerInputWithRef> | Problem;
type Item = { status: number; customer: z.input<typeof changedReply> } | Problem;

// One transaction for all: no item can fail in it but by a bug or an outage, which fail the request. Rows are locked
// in the order of their refs, so that two batches cannot wait for each other; equal refs keep their order.
async function saveAll(
  client: Queryable,
  { tenant, now, read }: { tenant: TenantId; now: Temporal.Instant; read: readonly Read[] },
): Promise<Item[]> {
  const country = await tenantCountry(client, tenant);
  const valid = [...read.entries()].flatMap(([index, item]) => (isProblem(item) ? [] : [{ index, item }]));
  const saved = new Map<number, Item>();
  for (const { index, item } of valid.sort(byRef)) {
    saved.set(index, await saveItem(client, { tenant, now, item, country }));
  }
  return read.flatMap((item, index) => (isProblem(item) ? [item] : (saved.get(index) ?? [])));
}

type Indexed = { index: number; item: { ref: string } };

function byRef(a: Indexed, b: Indexed): number {
  if (a.item.ref === b.item.ref) return a.index - b.index;
  return a.item.ref < b.item.ref ? -1 : 1;
}

async function saveItem(
  client: Queryable,
  {
    tenant,
    now,
    item,
    country,
  }: { tenant: TenantId; now: Temporal.Instant; item: z.output<typeof customerInputWithRef>; country: string },
): Promise<Item> {
  const { ref, ...input } = item;
  const fields = attempt(() => customerFields(input, country));
  if (isProblem(fields)) return fields;
  const saved = await saveCustomer(client, { tenant, now, refOrId: ref, change: () => fields });
  if (!saved) return new Problem('not-found', 'There is no such customer.');
  const inFlight = saved.outcome === 'changed' ? await customersRemindersInFlight(client, saved.row.id) : [];
  return { status: statusOf(saved), customer: { ...customerJson(saved.row), inFlight: inFlightJson(inFlight) } };
}

import { z } from 'zod';
import { contactFilters, customerSorts, listCustomers } from '../store/customer-list.ts';
import { type Customer, type CustomerFields, findCustomer, type Saved, saveCustomer } from '../store/customers.ts';
import type { Queryable } from '../store/database.ts';
import { customersRemindersInFlight } from '../store/due-dates-in-flight.ts';
import { likeContaining } from '../store/like-pattern.ts';
import { tenantCountry } from '../store/tenants.ts';
import {
  changedFields,
  customerChanges,
  customerFields,
  customerInput,
  customerJson,
  customerReply,
} from './customer-form.ts';
import { inFlightJson, inFlightReply } from './due-dates-reply.ts';
import { etag, ifMatchHeader, requireMatch } from './etag.ts';
import { decodeCursor, encodeCursor, listQuery, page, pageReply, searchText, severalOf } from './lists.ts';
import { type Call, operation, type Reply } from './operation.ts';
import { Problem } from './problems.ts';
import { refParams } from './schemas.ts';

const tag = 'Customers';
/** A customer that was changed, with what had left already. */
export const changedReply = customerReply.extend({ inFlight: inFlightReply });
type AnyCall = Pick<Call<unknown, unknown, unknown>, 'parts' | 'caller' | 'header'>;

const putCustomer = operation({
  method: 'put',
  path: '/v1/customers/{ref}',
  id: 'putCustomer',
  tag,
  summary: 'Makes or replaces a customer',
  scope: 'data:write',
  params: refParams,
  body: customerInput,
  requestHeaders: ifMatchHeader,
  replyHeaders: ['ETag'],
  replies: {
    200: { description: 'Replaced, or as it was', schema: changedReply },
    201: { description: 'Made', schema: changedReply },
  },
  problems: ['not-found', 'precondition-failed'],
  handle: async (call) => save(call, call.params.ref, (_current, country) => customerFields(call.body, country)),
});

const patchCustomer = operation({
  method: 'patch',
  path: '/v1/customers/{ref}',
  id: 'patchCustomer',
  tag,
  summary: 'Changes a customer',
  description: 'What is not sent stays as it is; null takes a value away; a list replaces the list.',
  scope: 'data:write',
  params: refParams,
  body: customerChanges,
  requestHeaders: ifMatchHeader,
  replyHeaders: ['ETag'],
  replies: { 200: { description: 'The customer as it is now', schema: changedReply } },
  problems: ['not-found', 'precondition-failed'],
  handle: async (call) =>
    save(call, call.params.ref, (current, country) => current && changedFields(current, call.body, country)),
});

const getCustomer = operation({
  method: 'get',
  path: '/v1/customers/{ref}',
  id: 'getCustomer',
  tag,
  summary: 'One customer, by its ref or its id',
  scope: 'data:read',
  params: refParams,
  replyHeaders: ['ETag'],
  replies: { 200: { description: 'The customer', schema: customerReply } },
  problems: ['not-found'],
  handle: async ({ parts, caller, params }) => {
    const customer = await parts.database.tenantTransaction(caller.tenant, (client) =>
      findCustomer(client, caller.tenant, params.ref),
    );
    if (!customer) throw noCustomer();
    return { status: 200, headers: { ETag: etag(customer.version) }, json: customerJson(customer) };
  },
});

const getCustomers = operation({
  method: 'get',
  path: '/v1/customers',
  id: 'listCustomers',
  tag,
  summary: 'Customers, page by page',
  scope: 'data:read',
  query: listQuery(customerSorts, {
    contact: severalOf(contactFilters).describe('`none`: neither email nor phone; `any`: one of them'),
    q: searchText.describe('Part of the name or of the ref'),
  }),
  replies: { 200: { description: 'A page', schema: pageReply(customerReply) } },
  problems: [],
  handle: async ({ parts, caller, query }) => {
    const { contact, q, sort, limit } = query;
    const after = decodeCursor(query.cursor, sort, z.tuple([z.string(), z.string()]));
    const request = { contact, like: q === undefined ? undefined : likeContaining(q), sort, after, limit };
    const rows = await parts.database.tenantTransaction(caller.tenant, (client) =>
      listCustomers(client, caller.tenant, request),
    );
    const cursor = (row: Customer): string => encodeCursor(sort, [sort.endsWith('name') ? row.name : row.ref, row.ref]);
    return { status: 200, json: page(rows, limit, { item: customerJson, cursor }) };
  },
});

export const customerOperations = [putCustomer, patchCustomer, getCustomer, getCustomers];

/** Saves one customer in its own transaction, under the caller's If-Match. */
async function save(
  { parts, caller, header }: AnyCall,
  refOrId: string,
  change: (current: Customer | undefined, country: string) => CustomerFields | undefined,
): Promise<Reply> {
  const saved = await parts.database.tenantTransaction(caller.tenant, async (client: Queryable) => {
    const country = await tenantCountry(client, caller.tenant);
    const result = await saveCustomer(client, {
      tenant: caller.tenant,
      now: parts.clock.now(),
      refOrId,
      change: (current) => {
        requireMatch(header('if-match'), current?.version);
        return change(current, country);
      },
    });
    const inFlight = result?.outcome === 'changed' ? await customersRemindersInFlight(client, result.row.id) : [];
    return result && { ...result, inFlight };
  });
  if (!saved) throw noCustomer();
  const json = { ...customerJson(saved.row), inFlight: inFlightJson(saved.inFlight) };
  return { status: statusOf(saved), headers: { ETag: etag(saved.row.version) }, json };
}

/** 201 for what was made, 200 for what was there. */
export function statusOf(saved: Saved<unknown>): 200 | 201 {
  return saved.outcome === 'made' ? 201 : 200;
}

function noCustomer(): Problem {
  return new Problem('not-found', 'There is no such customer.');
}

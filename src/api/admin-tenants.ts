import { z } from 'zod';
import { asId, type TenantId } from '../domain/ids.ts';
import { instantText } from '../store/instants.ts';
import { findTenant, listTenants, setPlan, UnknownPlan } from '../store/tenants.ts';
import { invalidRequest } from './checked.ts';
import { decodeCursor, encodeCursor, listQuery, page, pageReply } from './lists.ts';
import { platformOperation } from './operation.ts';
import type { ApiParts } from './parts.ts';
import { Problem } from './problems.ts';
import { line, refParams } from './schemas.ts';

const tag = 'Platform';
const tenantReply = z.strictObject({
  ref: z.string(),
  name: z.string(),
  plan: z.string(),
  createdAt: z.iso.datetime(),
});

const getTenants = platformOperation({
  method: 'get',
  path: '/v1/admin/tenants',
  id: 'listTenants',
  tag,
  summary: 'Every tenant, by ref, page by page',
  scope: 'platform',
  query: listQuery(['ref'], {}),
  replies: { 200: { description: 'A page', schema: pageReply(tenantReply) } },
  problems: [],
  handle: async ({ parts, query: { cursor, sort, limit } }) => {
    const [after] = decodeCursor(cursor, sort, z.tuple([z.string().max(128)])) ?? [];
    const rows = await listTenants(parts.service.pool, { after, limit });
    const json = page(rows, limit, {
      item: (row) => ({ ...row, createdAt: instantText(row.createdAt) }),
      cursor: (row) => encodeCursor(sort, [row.ref]),
    });
    return { status: 200, json };
  },
});

const putPlan = platformOperation({
  method: 'put',
  path: '/v1/admin/tenants/{ref}/plan',
  id: 'putTenantPlan',
  tag,
  summary: 'Puts a tenant on another plan',
  description: 'Takes effect at once. What the tenant has used stays counted.',
  scope: 'platform',
  params: refParams,
  body: z.strictObject({ plan: line(64) }),
  replies: {
    200: { description: 'The tenant and its plan', schema: z.strictObject({ ref: z.string(), plan: z.string() }) },
  },
  problems: ['not-found'],
  async handle({ parts, caller, params: { ref }, body: { plan } }) {
    const put = await setPlan(parts.service, parts.clock, ref, plan, caller.actor).catch(asInvalidPlan);
    if (!put) throw noTenant('/path/ref');
    return { status: 200, json: { ref, plan } };
  },
});

export const adminTenantOperations = [getTenants, putPlan];

/** The tenant that a platform caller named, at that place of the request. Throws Problem `not-found`. */
export async function tenantNamed({ service }: ApiParts, ref: string, path = '/path/ref'): Promise<TenantId> {
  const found = await findTenant(service, ref);
  if (!found) throw noTenant(path);
  return asId('tenant', found.id);
}

function noTenant(path: string): Problem {
  const errors = [{ path, code: 'not-found', message: 'names no tenant' }];
  return new Problem('not-found', 'There is no such tenant.', { errors });
}

function asInvalidPlan(error: unknown): never {
  if (!(error instanceof UnknownPlan)) throw error;
  throw invalidRequest([{ path: '/plan', code: 'unknown-plan', message: error.message }]);
}

import { z } from 'zod';
import { type Provider, providerOf } from '../domain/breaker.ts';
import {
  limitOfDomain,
  limitsOfDomains,
  limitsOfProviders,
  limitsOfTenant,
  setLimits,
  setWeight,
  weightsOf,
} from '../store/send-limits.ts';
import {
  byChannel,
  domainJson,
  domainLimit,
  domainParams,
  domainReply,
  limit,
  providersReply,
  tenantReply,
  weights,
} from './admin-limits-form.ts';
import { tenantNamed } from './admin-tenants.ts';
import { decodeCursor, encodeCursor, listQuery, page, yesOrNo } from './lists.ts';
import { platformOperation } from './operation.ts';
import type { ApiParts } from './parts.ts';
import { Problem } from './problems.ts';
import { refParams } from './schemas.ts';

const tag = 'Platform';
// In this order everywhere: two who change several limits cannot wait for each other.
const channels = ['email', 'sms'] as const;

const atOnce = 'Takes effect at once: what waits because of the old limit is due again.';

const getTenantLimits = platformOperation({
  method: 'get',
  path: '/v1/admin/tenants/{ref}/limits',
  id: 'getTenantLimits',
  tag,
  summary: "A tenant's limits, and what is used of them",
  scope: 'platform',
  params: refParams,
  replies: { 200: { description: 'By channel; null without a limit', schema: tenantReply } },
  problems: ['not-found'],
  handle: async ({ parts, params: { ref } }) => ({ status: 200, json: await tenantLimits(parts, ref) }),
});

const putTenantLimits = platformOperation({
  method: 'put',
  path: '/v1/admin/tenants/{ref}/limits',
  id: 'putTenantLimits',
  tag,
  summary: "Replaces a tenant's limits",
  description: `${atOnce} What is left out has no limit, and the weight 1.`,
  scope: 'platform',
  params: refParams,
  body: z.strictObject({ email: limit, sms: limit, weight: weights }),
  replies: { 200: { description: 'The limits as they are now', schema: tenantReply } },
  problems: ['not-found'],
  async handle({ parts, caller, params: { ref }, body }) {
    const tenant = await tenantNamed(parts, ref);
    const by = { actor: caller.actor, now: parts.clock.now() };
    await parts.service.transaction(async (client) => {
      const before = await weightsOf(client, tenant);
      for (const channel of channels) {
        await setLimits(client, { channel, tenant, domain: null }, body[channel] ?? none, by);
        const wanted = { channel, weight: body.weight[channel] };
        if (before[channel] !== wanted.weight) await setWeight(client, tenant, wanted, by);
      }
    });
    parts.wake();
    return { status: 200, json: await tenantLimits(parts, ref) };
  },
});

const getLimits = platformOperation({
  method: 'get',
  path: '/v1/admin/limits',
  id: 'getLimits',
  tag,
  summary: 'The limits of provider accounts and recipient domains, and which domains are slowed',
  scope: 'platform',
  query: listQuery(['domain'], { slowed: yesOrNo.describe('Whether the domain asked for less') }),
  replies: {
    200: {
      description: 'The providers, and a page of the domains that have a limit or are slowed',
      schema: z.strictObject({
        providers: providersReply,
        domains: z.array(domainReply),
        nextCursor: z.string().nullable(),
      }),
    },
  },
  problems: [],
  async handle({ parts, query: { slowed, cursor, sort, limit: most } }) {
    const [after] = decodeCursor(cursor, sort, z.tuple([z.string().max(255)])) ?? [];
    const { pool } = parts.service;
    const rows = await limitsOfDomains(pool, parts.clock.now(), { slowed, after, limit: most });
    const { items, nextCursor } = page(rows, most, {
      item: domainJson,
      cursor: (row) => encodeCursor(sort, [row.domain]),
    });
    return { status: 200, json: { providers: await providerLimits(parts), domains: items, nextCursor } };
  },
});

const putLimits = platformOperation({
  method: 'put',
  path: '/v1/admin/limits',
  id: 'putLimits',
  tag,
  summary: 'Replaces the limits of the provider accounts',
  description: `${atOnce} What is left out has no limit. Those of domains stay.`,
  scope: 'platform',
  body: z.strictObject({ providers: z.strictObject({ smtp: limit, smsapi: limit }) }),
  replies: { 200: { description: 'As they are now', schema: z.strictObject({ providers: providersReply }) } },
  problems: [],
  async handle({ parts, caller, body: { providers } }) {
    const by = { actor: caller.actor, now: parts.clock.now() };
    await parts.service.transaction(async (client) => {
      for (const channel of channels) {
        const wanted = providers[providerOf(channel)] ?? none;
        await setLimits(client, { channel, tenant: null, domain: null }, wanted, by);
      }
    });
    parts.wake();
    return { status: 200, json: { providers: await providerLimits(parts) } };
  },
});

const putDomainLimits = platformOperation({
  method: 'put',
  path: '/v1/admin/limits/domains/{domain}',
  id: 'putDomainLimits',
  tag,
  summary: 'Replaces the limits of a recipient domain',
  description: atOnce,
  scope: 'platform',
  params: domainParams,
  body: domainLimit,
  replies: { 200: { description: 'The domain as it is now', schema: domainReply } },
  problems: [],
  handle: async ({ parts, caller, params: { domain }, body }) => {
    await changeDomain(parts, domain, body, caller.actor);
    return { status: 200, json: await domainLimits(parts, domain) };
  },
});

const deleteDomainLimits = platformOperation({
  method: 'delete',
  path: '/v1/admin/limits/domains/{domain}',
  id: 'deleteDomainLimits',
  tag,
  summary: 'Takes the limits of a recipient domain away',
  description: `${atOnce} How slow the domain itself asked us to be stays: answers make it faster again.`,
  scope: 'platform',
  params: domainParams,
  replies: { 200: { description: 'The domain as it is now', schema: domainReply } },
  problems: ['not-found'],
  async handle({ parts, caller, params: { domain } }) {
    if (!(await limitOfDomain(parts.service.pool, domain, parts.clock.now())))
      throw new Problem('not-found', 'This domain has no limit.');
    await changeDomain(parts, domain, none, caller.actor);
    return { status: 200, json: await domainLimits(parts, domain) };
  },
});

export const adminLimitOperations = [
  getTenantLimits,
  putTenantLimits,
  getLimits,
  putLimits,
  putDomainLimits,
  deleteDomainLimits,
];

const none = { perSecond: null, perMinute: null, perDay: null, connections: null };

async function changeDomain(
  parts: ApiParts,
  domain: string,
  wanted: typeof none | z.output<typeof domainLimit>,
  actor: string,
) {
  const by = { actor, now: parts.clock.now() };
  await parts.service.transaction((client) =>
    setLimits(client, { channel: 'email', tenant: null, domain }, wanted, by),
  );
  parts.wake();
}

async function tenantLimits(parts: ApiParts, ref: string) {
  const tenant = await tenantNamed(parts, ref);
  const { pool } = parts.service;
  const rows = await limitsOfTenant(pool, tenant, parts.clock.now());
  return { ...byChannel(rows), weight: await weightsOf(pool, tenant) };
}

async function providerLimits(parts: ApiParts): Promise<Record<Provider, unknown>> {
  const { email, sms } = byChannel(await limitsOfProviders(parts.service.pool, parts.clock.now()));
  return { smtp: email, smsapi: sms };
}

async function domainLimits(parts: ApiParts, domain: string) {
  const row = await limitOfDomain(parts.service.pool, domain, parts.clock.now());
  return row ? domainJson(row) : { domain, ...none, used: { minute: 0, day: 0 }, slowed: null };
}

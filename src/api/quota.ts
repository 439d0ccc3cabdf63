import { z } from 'zod';
import { loadQuota } from '../store/quota.ts';
import { operation } from './operation.ts';

const getQuota = operation({
  method: 'get',
  path: '/v1/quota',
  id: 'getQuota',
  tag: 'Quota',
  summary: 'What the plan has left',
  description:
    'A reminder is reserved when it is accepted, used when a provider takes it, and given back when it fails, is skipped or is canceled.',
  scope: 'reminders:read',
  replies: {
    200: {
      description: 'The quota; `limit` and `remaining` are null without a limit',
      schema: z.strictObject({
        plan: z.string(),
        limit: z.int().nullable(),
        used: z.int(),
        reserved: z.int(),
        remaining: z.int().nullable(),
        resetsAt: z.iso.datetime().nullable(),
      }),
    },
  },
  problems: [],
  handle: async ({ parts, caller }) => {
    const { plan, limit, used, reserved } = await parts.database.tenantTransaction(caller.tenant, (client) =>
      loadQuota(client, caller.tenant),
    );
    const remaining = limit === null ? null : Math.max(limit - used - reserved, 0);
    return { status: 200, json: { plan, limit, used, reserved, remaining, resetsAt: null } };
  },
});

export const quotaOperations = [getQuota];

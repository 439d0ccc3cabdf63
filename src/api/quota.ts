import { z } from 'zod';
import { type QuotaLimit, remainingOf, tightestLimit } from '../domain/quota.ts';
import { instantText } from '../store/instants.ts';
import { loadQuota } from '../store/quota.ts';
import { operation } from './operation.ts';

const period = z.enum(['total', 'month']).describe('In all, or in a calendar month of the tenant’s own zone');
const channel = z.enum(['email', 'sms']).nullable().describe('null: all channels together');
const resetsAt = z.iso.datetime().nullable().describe('When the next month begins; null for a total');

const getQuota = operation({
  method: 'get',
  path: '/v1/quota',
  id: 'getQuota',
  tag: 'Quota',
  summary: 'What the plan has left',
  description:
    'A reminder is reserved when it is accepted, used when a provider takes it, and given back when it fails, is skipped or is canceled. ' +
    'At the top stands the limit that leaves the least; all of them are in `limits`, and each binds.',
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
        resetsAt,
        limits: z.array(
          z.strictObject({
            period,
            channel,
            limit: z.int(),
            used: z.int(),
            reserved: z.int(),
            remaining: z.int(),
            resetsAt,
          }),
        ),
        warnings: z
          .array(
            z.strictObject({
              reason: z.enum(['80-percent', 'quota-exhausted']),
              period,
              channel,
              limit: z.int(),
              at: z.iso.datetime(),
            }),
          )
          .describe('Once for each limit, its period and the share of it that was reached; oldest first'),
      }),
    },
  },
  problems: [],
  handle: async ({ parts, caller }) => {
    const { plan, used, reserved, limits, warnings } = await parts.database.tenantTransaction(
      caller.tenant,
      async (client) => loadQuota(client, caller.tenant, parts.clock.now()),
    );
    const tightest = tightestLimit(limits);
    const top = tightest ? limitJson(tightest) : { limit: null, used, reserved, remaining: null, resetsAt: null };
    const json = {
      plan,
      ...top,
      limits: limits.map((limit) => ({ period: limit.period, channel: limit.channel, ...limitJson(limit) })),
      warnings: warnings.map(({ at, ...warning }) => ({ ...warning, at: instantText(at) })),
    };
    return { status: 200, json };
  },
});

function limitJson(standing: QuotaLimit) {
  const { limit, used, reserved, resetsAt: resets } = standing;
  return { limit, used, reserved, remaining: remainingOf(standing), resetsAt: resets && instantText(resets) };
}

export const quotaOperations = [getQuota];

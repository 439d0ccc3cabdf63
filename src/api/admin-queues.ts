import { z } from 'zod';
import { providerOf } from '../domain/breaker.ts';
import type { Channel } from '../domain/delivery-facts.ts';
import { backlog } from '../store/dispatch.ts';
import { instantText } from '../store/instants.ts';
import { activePauses, type Pause } from '../store/pauses.ts';
import { type BreakerStanding, closeBreaker, standingBreakers } from '../store/queues.ts';
import { limitsOfProviders } from '../store/send-limits.ts';
import { limitJson, limitReply } from './admin-limits-form.ts';
import { platformOperation } from './operation.ts';
import { pauseJson, pauseReply } from './pauses.ts';

const tag = 'Platform';
const nullableInstant = z.iso.datetime().nullable();
const breakerReply = z.strictObject({
  provider: z.string(),
  state: z.string().describe('`closed`: all is well; `open`: nothing is handed over; `half-open`: one delivery tries'),
  until: nullableInstant.describe('When it is tried again'),
  openedAt: nullableInstant,
  reason: z.string().nullable(),
  failures: z.int().describe('In a row'),
});
const queueReply = z.strictObject({
  channel: z.string(),
  waiting: z.int().describe('Due now'),
  scheduled: z.int().describe('Due later'),
  queued: z.int().describe('With a job'),
  sending: z.int(),
  unknown: z.int(),
  oldestDueSeconds: z.number(),
  breaker: breakerReply,
  pauses: z.array(pauseReply).describe('Those of everybody'),
  pausedTenants: z.int().describe('How many tenants have a pause of their own'),
  limit: limitReply.describe("The provider account's"),
});

const getQueues = platformOperation({
  method: 'get',
  path: '/v1/admin/queues',
  id: 'getQueues',
  tag,
  summary: 'How each channel stands: what waits, and what stands in its way',
  scope: 'platform',
  replies: { 200: { description: 'By channel', schema: z.strictObject({ items: z.array(queueReply) }) } },
  problems: [],
  async handle({ parts }) {
    const now = parts.clock.now();
    const { pool } = parts.service;
    const [standing, breakers, pauses, limits] = await Promise.all([
      backlog(parts.service, now),
      standingBreakers(pool, now),
      activePauses(pool, now),
      limitsOfProviders(pool, now),
    ]);
    const items = standing.map(({ channel, due, scheduled, queued, sending, unknown, oldestSeconds }) => {
      const [everybodys, tenants] = pausesOf(channel, pauses);
      return {
        channel,
        waiting: due,
        scheduled,
        queued,
        sending,
        unknown,
        oldestDueSeconds: oldestSeconds,
        breaker: breakerJson(breakers, channel),
        pauses: everybodys.map((pause) => pauseJson(pause, now)),
        pausedTenants: tenants.size,
        limit: limitJson(limits.find((limit) => limit.channel === channel)),
      };
    });
    return { status: 200, json: { items } };
  },
});

const postBreakerClose = platformOperation({
  method: 'post',
  path: '/v1/admin/breakers/{provider}/close',
  id: 'postBreakerClose',
  tag,
  summary: 'Says that a provider works again',
  description:
    'Its failures are forgotten and what waited for it is due at once; should it fail again, the breaker opens again. A closed one stays as it is.',
  scope: 'platform',
  params: z.strictObject({ provider: z.enum(['smtp', 'smsapi']) }),
  replies: { 200: { description: 'The breaker as it is now', schema: breakerReply } },
  problems: [],
  async handle({ parts, caller, params: { provider } }) {
    const now = parts.clock.now();
    await parts.service.transaction((client) => closeBreaker(client, provider, { actor: caller.actor, now }));
    parts.wake();
    const breakers = await standingBreakers(parts.service.pool, now);
    return { status: 200, json: breakerJson(breakers, provider === 'smtp' ? 'email' : 'sms') };
  },
});

export const adminQueueOperations = [getQueues, postBreakerClose];

/** Those of everybody that stop a channel, and the tenants that have one of their own. */
function pausesOf(of: Channel, pauses: readonly Pause[]) {
  const stopping = pauses.filter(
    ({ channel, provider }) =>
      (channel === null || channel === of) && (provider === null || provider === providerOf(of)),
  );
  const tenants = stopping.flatMap(({ tenant }) => tenant ?? []);
  return [stopping.filter(({ tenant }) => tenant === null), new Set(tenants)] as const;
}

function breakerJson(breakers: readonly BreakerStanding[], channel: Channel) {
  const found = breakers.find(({ provider }) => provider === providerOf(channel));
  if (!found) throw new Error(`no breaker for ${channel}`);
  const { until, openedAt, ...breaker } = found;
  return { ...breaker, until: until && instantText(until), openedAt: openedAt && instantText(openedAt) };
}

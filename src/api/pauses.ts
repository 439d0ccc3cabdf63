import { z } from 'zod';
import { type Provider, providerOf } from '../domain/breaker.ts';
import type { Channel } from '../domain/delivery-facts.ts';
import { asId, formatId, type Id, parseId, type TenantId } from '../domain/ids.ts';
import { instantText } from '../store/instants.ts';
import { addPause, liftPause, listPauses, type Pause, remindersInFlightUnder } from '../store/pauses.ts';
import { tenantNamed } from './admin-tenants.ts';
import { invalidRequest } from './checked.ts';
import { inFlightJson, inFlightReply } from './due-dates-reply.ts';
import { decodeCursor, encodeCursor, listQuery, page, pageReply, yesOrNo } from './lists.ts';
import { operation, platformOperation } from './operation.ts';
import type { ApiParts } from './parts.ts';
import { Problem } from './problems.ts';
import { instant, line, ref } from './schemas.ts';

const tag = 'Pauses';
const channel = z.enum(['email', 'sms']);
const provider = z.enum(['smtp', 'smsapi']);
const params = z.strictObject({ id: z.string().meta({ example: 'pau_01kc5v0x9qf0nrt8kq3v6y2h4d' }) });

const nullableInstant = z.iso.datetime().nullable();
export const pauseReply = z.strictObject({
  id: z.string(),
  tenant: z.string().nullable().describe('Its ref; null: everybody'),
  channel: z.string().nullable().describe('null: all of them'),
  provider: z.string().nullable(),
  reason: z.string(),
  owner: z.string().describe('Who made it'),
  byPlatform: z.boolean().describe('Then only the platform lifts it'),
  active: z.boolean().describe('Whether it counts now'),
  until: nullableInstant.describe('null: until it is lifted'),
  createdAt: z.iso.datetime(),
  endedAt: nullableInstant,
});
const madeReply = pauseReply.extend({ inFlight: inFlightReply });

const said = {
  reason: line(500),
  until: instant.nullable().default(null).describe('Its end; null: until it is lifted'),
};
const ownBody = z.strictObject({ channel: channel.nullable().default(null).describe('null: all of them'), ...said });
const platformBody = z.strictObject({
  tenant: ref.nullable().default(null).describe('Its ref; null: everybody'),
  channel: channel.nullable().default(null).describe('null: all of them'),
  provider: provider.nullable().default(null),
  ...said,
});
const query = listQuery(['-createdAt'], {
  active: yesOrNo.describe('`true`: those that count now; `false`: lifted ones, and those whose time is over'),
});

const stops =
  'From the reply on nothing is handed over that was not claimed before: `inFlight` names what was. What is accepted waits, and so does what is due.';
const goesOn = 'What waited because of it is due at once. One that has ended stays as it was.';

const postPause = operation({
  method: 'post',
  path: '/v1/pauses',
  id: 'postPause',
  tag,
  summary: 'Pauses all of your reminders, or those of one channel',
  description: stops,
  scope: 'settings',
  body: ownBody,
  replies: { 201: { description: 'The pause', schema: madeReply } },
  problems: [],
  async handle({ parts, caller, body }) {
    const now = parts.clock.now();
    requireAhead(body.until, now);
    const wanted = { ...body, tenant: caller.tenant, provider: null, owner: caller.actor, byPlatform: false };
    const pause = await parts.database.tenantTransaction(caller.tenant, (client) => addPause(client, wanted, now));
    const inFlight = await parts.database.tenantTransaction(caller.tenant, (client) =>
      remindersInFlightUnder(client, pause),
    );
    return { status: 201, json: { ...pauseJson(pause, now), inFlight: inFlightJson(inFlight) } };
  },
});

const getPauses = operation({
  method: 'get',
  path: '/v1/pauses',
  id: 'listPauses',
  tag,
  summary: 'Pauses that concern you, newest first, page by page',
  description: 'Your own, and those that the platform made of you or of everybody, which only the platform lifts.',
  scope: 'data:read',
  query,
  replies: { 200: { description: 'A page', schema: pageReply(pauseReply) } },
  problems: [],
  handle: async ({ parts, caller, query: asked }) => {
    const { filter, place, make } = pageOf(parts, asked, caller.tenant);
    const rows = await parts.database.tenantTransaction(caller.tenant, (client) => listPauses(client, filter, place));
    return { status: 200, json: page(rows, asked.limit, make) };
  },
});

const deletePause = operation({
  method: 'delete',
  path: '/v1/pauses/{id}',
  id: 'deletePause',
  tag,
  summary: 'Lifts a pause of yours',
  description: goesOn,
  scope: 'settings',
  params,
  replies: { 200: { description: 'The pause as it is now', schema: pauseReply } },
  problems: ['not-found'],
  async handle({ parts, caller, params: { id } }) {
    const by = { ...caller, now: parts.clock.now() };
    const pause = await parts.database.tenantTransaction(caller.tenant, (client) => liftPause(client, idOf(id), by));
    return lifted(parts, pause, by.now);
  },
});

const postPlatformPause = platformOperation({
  method: 'post',
  path: '/v1/admin/pauses',
  id: 'postPlatformPause',
  tag,
  summary: 'Pauses everything, a tenant, a channel or a provider',
  description: `${stops} What is given narrows it: a tenant and a channel pause that channel of that tenant.`,
  scope: 'platform',
  body: platformBody,
  replies: { 201: { description: 'The pause', schema: madeReply } },
  problems: ['not-found'],
  async handle({ parts, caller, body }) {
    const now = parts.clock.now();
    requireAhead(body.until, now);
    requireCarried(body.provider, body.channel);
    const tenant = body.tenant === null ? null : await tenantNamed(parts, body.tenant, '/tenant');
    const wanted = { ...body, tenant, owner: caller.actor, byPlatform: true };
    const pause = await parts.service.transaction((client) => addPause(client, wanted, now));
    // After the commit: a claim that has not seen the pause is waited for, and seen.
    const inFlight = await parts.service.transaction((client) => remindersInFlightUnder(client, pause));
    return { status: 201, json: { ...pauseJson(pause, now), inFlight: inFlightJson(inFlight) } };
  },
});

const getPlatformPauses = platformOperation({
  method: 'get',
  path: '/v1/admin/pauses',
  id: 'listPlatformPauses',
  tag,
  summary: 'Every pause, newest first, page by page',
  scope: 'platform',
  query,
  replies: { 200: { description: 'A page', schema: pageReply(pauseReply) } },
  problems: [],
  handle: async ({ parts, query: asked }) => {
    const { filter, place, make } = pageOf(parts, asked);
    const rows = await listPauses(parts.service.pool, filter, place);
    return { status: 200, json: page(rows, asked.limit, make) };
  },
});

const deletePlatformPause = platformOperation({
  method: 'delete',
  path: '/v1/admin/pauses/{id}',
  id: 'deletePlatformPause',
  tag,
  summary: "Lifts any pause, a tenant's own as well",
  description: goesOn,
  scope: 'platform',
  params,
  replies: { 200: { description: 'The pause as it is now', schema: pauseReply } },
  problems: ['not-found'],
  async handle({ parts, caller, params: { id } }) {
    const by = { ...caller, now: parts.clock.now() };
    const pause = await parts.service.transaction((client) => liftPause(client, idOf(id), by));
    return lifted(parts, pause, by.now);
  },
});

export const pauseOperations = [
  postPause,
  getPauses,
  deletePause,
  postPlatformPause,
  getPlatformPauses,
  deletePlatformPause,
];

export function pauseJson({ tenantRef, until, createdAt, endedAt, ...pause }: Pause, now: Temporal.Instant) {
  return {
    ...pause,
    id: formatId('pause', pause.id),
    tenant: tenantRef,
    active: endedAt === null && (until === null || isAhead(until, now)),
    until: until && instantText(until),
    createdAt: instantText(createdAt),
    endedAt: endedAt && instantText(endedAt),
  };
}

type Asked = z.output<typeof query>;

function pageOf({ clock }: ApiParts, { active, cursor, sort, limit }: Asked, concerns?: TenantId) {
  const now = clock.now();
  const [last] = decodeCursor(cursor, sort, z.tuple([z.uuid()])) ?? [];
  return {
    filter: { concerns, active, now },
    place: { after: last === undefined ? undefined : asId('pause', last), limit },
    make: { item: (row: Pause) => pauseJson(row, now), cursor: (row: Pause) => encodeCursor(sort, [row.id]) },
  };
}

function lifted(parts: ApiParts, pause: Awaited<ReturnType<typeof liftPause>>, now: Temporal.Instant) {
  if (pause === undefined) throw noPause();
  if (pause === 'platforms') throw new Problem('forbidden', 'The platform made this pause, and lifts it.');
  parts.wake();
  return { status: 200, json: pauseJson(pause, now) };
}

function requireAhead(until: Temporal.Instant | null, now: Temporal.Instant): void {
  if (until === null || isAhead(until, now)) return;
  throw invalidRequest([{ path: '/until', code: 'past', message: 'must lie ahead' }]);
}

/** A pause that can stop nothing would look like one that does. */
function requireCarried(asked: Provider | null, of: Channel | null): void {
  if (asked === null || of === null || providerOf(of) === asked) return;
  throw invalidRequest([{ path: '/provider', code: 'contradiction', message: `does not carry ${of}` }]);
}

function isAhead(instantOf: Temporal.Instant, now: Temporal.Instant): boolean {
  return Temporal.Instant.compare(instantOf, now) > 0;
}

function idOf(text: string): Id<'pause'> {
  const id = parseId('pause', text);
  if (id === undefined) throw noPause();
  return id;
}

function noPause(): Problem {
  return new Problem('not-found', 'There is no such pause.');
}

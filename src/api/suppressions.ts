import { z } from 'zod';
import type { Channel } from '../domain/delivery-facts.ts';
import { parseEmailAddress } from '../domain/email-address.ts';
import { asId, formatId, type Id, parseId } from '../domain/ids.ts';
import { parsePhone } from '../domain/phone.ts';
import { noteInAudit } from '../store/audit.ts';
import type { Queryable } from '../store/database.ts';
import { holdClaims, tenantsRemindersInFlight } from '../store/hold-claims.ts';
import { instantText } from '../store/instants.ts';
import { likeContaining } from '../store/like-pattern.ts';
import {
  findSuppression,
  liftSuppression,
  listSuppressions,
  suppress,
  type Suppression,
  suppressionReasons,
} from '../store/suppressions.ts';
import { tenantCountry } from '../store/tenants.ts';
import { invalidRequest } from './checked.ts';
import { inFlightJson, inFlightReply } from './due-dates-reply.ts';
import { decodeCursor, encodeCursor, listQuery, page, pageReply, searchText, yesOrNo } from './lists.ts';
import { type Call, operation } from './operation.ts';
import { Problem } from './problems.ts';
import { instant, line, paragraphs } from './schemas.ts';

const tag = 'Suppressions';
type PlainCall = Pick<Call<unknown, unknown, unknown>, 'parts' | 'caller'>;

const channel = z.enum(['email', 'sms']);
const params = z.strictObject({ id: z.string().meta({ example: 'sup_01kc5v0x9qf0nrt8kq3v6y2h4d' }) });

const nullableInstant = z.iso.datetime().nullable();
const suppressionReply = z.strictObject({
  id: z.string(),
  channel: z.string(),
  address: z.string().describe('In small letters; a number in E.164 form'),
  reason: z.string(),
  note: z.string().nullable(),
  actor: z.string(),
  active: z.boolean().describe('Whether it counts now'),
  until: nullableInstant.describe('null: until it is lifted'),
  createdAt: z.iso.datetime(),
  liftedAt: nullableInstant,
});
const madeReply = suppressionReply.extend({ inFlight: inFlightReply });

const body = z.strictObject({
  channel,
  address: line(254).describe("As people write it; a number without a prefix belongs to the tenant's country"),
  reason: z.enum(suppressionReasons).default('manual'),
  until: instant.nullable().default(null).describe('Its end; null: until it is lifted'),
  note: paragraphs(1_000).nullable().default(null),
});

const postSuppression = operation({
  method: 'post',
  path: '/v1/suppressions',
  id: 'postSuppression',
  tag,
  summary: 'Says that an address must not be written to any more',
  description:
    'Whatever is to be sent to it is skipped (`suppressed`); other recipients of the same reminder get theirs. An address that is suppressed already stays as it is, and is answered so.',
  scope: 'settings',
  body,
  replies: {
    200: { description: 'It was suppressed already', schema: madeReply },
    201: { description: 'It is from now on', schema: madeReply },
  },
  problems: [],
  async handle({ parts, caller, body: asked }) {
    return parts.database.tenantTransaction(caller.tenant, async (client) => {
      const country = await tenantCountry(client, caller.tenant);
      const address = normalAddress(asked.channel, asked.address, country);
      await holdClaims(client, caller.tenant);
      const now = parts.clock.now();
      if (asked.until !== null && Temporal.Instant.compare(asked.until, now) <= 0) throw overAlready();
      const { suppression, made } = await suppress(
        client,
        caller.tenant,
        { ...asked, address, actor: caller.actor },
        now,
      );
      if (made) await note(client, { parts, caller }, 'address-suppressed', suppression);
      const concerned = { channel: asked.channel, address: suppression.address };
      const inFlight = await tenantsRemindersInFlight(client, caller.tenant, concerned);
      const json = { ...suppressionJson(suppression, now), inFlight: inFlightJson(inFlight) };
      return { status: made ? 201 : 200, json };
    });
  },
});

const getSuppression = operation({
  method: 'get',
  path: '/v1/suppressions/{id}',
  id: 'getSuppression',
  tag,
  summary: 'One suppression, also when it was lifted',
  scope: 'data:read',
  params,
  replies: { 200: { description: 'The suppression', schema: suppressionReply } },
  problems: ['not-found'],
  async handle({ parts, caller, params: { id } }) {
    const found = await parts.database.tenantTransaction(caller.tenant, (client) =>
      findSuppression(client, caller.tenant, idOf(id)),
    );
    if (!found) throw noSuppression();
    return { status: 200, json: suppressionJson(found, parts.clock.now()) };
  },
});

const deleteSuppression = operation({
  method: 'delete',
  path: '/v1/suppressions/{id}',
  id: 'deleteSuppression',
  tag,
  summary: 'Lets an address be written to again',
  description: 'What was skipped stays skipped. One that was lifted already stays as it was.',
  scope: 'settings',
  params,
  replies: { 200: { description: 'The suppression as it is now', schema: suppressionReply } },
  problems: ['not-found'],
  async handle({ parts, caller, params: { id } }) {
    const now = parts.clock.now();
    const done = await parts.database.tenantTransaction(caller.tenant, async (client) => {
      await holdClaims(client, caller.tenant);
      const result = await liftSuppression(client, caller.tenant, idOf(id), now);
      if (result?.lifted === true) await note(client, { parts, caller }, 'suppression-lifted', result.suppression);
      return result;
    });
    if (!done) throw noSuppression();
    return { status: 200, json: suppressionJson(done.suppression, now) };
  },
});

const getSuppressions = operation({
  method: 'get',
  path: '/v1/suppressions',
  id: 'listSuppressions',
  tag,
  summary: 'Suppressions, newest first, page by page',
  scope: 'data:read',
  query: listQuery(['-createdAt'], {
    channel: channel.optional(),
    q: searchText.describe('Part of the address'),
    active: yesOrNo.describe('`true`: those that count now; `false`: lifted ones, and those whose time is over'),
  }),
  replies: { 200: { description: 'A page', schema: pageReply(suppressionReply) } },
  problems: [],
  async handle({ parts, caller, query }) {
    const { q, sort, limit } = query;
    const now = parts.clock.now();
    const after = decodeCursor(query.cursor, sort, z.tuple([z.uuid()]))?.[0];
    const filter = { channel: query.channel, active: query.active, like: q && likeContaining(q), now };
    const from = after === undefined ? undefined : asId('suppression', after);
    const rows = await parts.database.tenantTransaction(caller.tenant, (client) =>
      listSuppressions(client, caller.tenant, filter, { after: from, limit }),
    );
    const item = (row: Suppression) => suppressionJson(row, now);
    return { status: 200, json: page(rows, limit, { item, cursor: (row) => encodeCursor(sort, [row.id]) }) };
  },
});

export const suppressionOperations = [postSuppression, getSuppressions, getSuppression, deleteSuppression];

/** The form in which a claim compares it. Throws Problem `invalid-request`. */
function normalAddress(of: Channel, text: string, country: string): string {
  const address = of === 'email' ? parseEmailAddress(text) : parsePhone(text, country)?.e164;
  if (address !== undefined) return address;
  throw invalidRequest([
    of === 'email'
      ? { path: '/address', code: 'invalid-email', message: 'must be one email address' }
      : { path: '/address', code: 'invalid-phone', message: 'must be a phone number that exists, best as +39…' },
  ]);
}

function suppressionJson({ until, createdAt, liftedAt, ...suppression }: Suppression, now: Temporal.Instant) {
  return {
    ...suppression,
    id: formatId('suppression', suppression.id),
    active: liftedAt === null && (until === null || Temporal.Instant.compare(until, now) > 0),
    until: until && instantText(until),
    createdAt: instantText(createdAt),
    liftedAt: liftedAt && instantText(liftedAt),
  };
}

// The address is personal: the id leads to it.
async function note(
  client: Queryable,
  { parts, caller }: PlainCall,
  action: string,
  { id, channel: of, reason }: Suppression,
): Promise<void> {
  const target = formatId('suppression', id);
  await noteInAudit(client, {
    ...caller,
    action,
    target,
    detail: { channel: of, reason },
    now: parts.clock.now(),
  });
}

function idOf(text: string): Id<'suppression'> {
  const id = parseId('suppression', text);
  if (id === undefined) throw noSuppression();
  return id;
}

function noSuppression(): Problem {
  return new Problem('not-found', 'There is no such suppression.');
}

function overAlready(): Problem {
  return invalidRequest([{ path: '/until', code: 'past', message: 'must lie ahead' }]);
}

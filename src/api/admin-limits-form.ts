import { z } from 'zod';
import type { Channel } from '../domain/delivery-facts.ts';
import { parseEmailAddress } from '../domain/email-address.ts';
import { domainOf } from '../domain/send-limit.ts';
import { instantText } from '../store/instants.ts';
import { mostOf, type StandingLimit } from '../store/send-limits.ts';
import { textAs } from './schemas.ts';

const limitFields = {
  perSecond: z.number().min(0.001).max(mostOf.perSecond).nullable().default(null).describe('May be less than one'),
  perMinute: z.int().min(1).max(mostOf.perMinute).nullable().default(null).describe("In each minute of the clock's"),
  perDay: z
    .int()
    .min(1)
    .max(mostOf.perDay)
    .nullable()
    .default(null)
    .describe("In each day: a tenant's own, else UTC's"),
};
export const limit = z.strictObject(limitFields).nullable().default(null).describe('null: as fast as they go');
export const domainLimit = z.strictObject({
  ...limitFields,
  connections: z.int().min(1).max(mostOf.connections).nullable().default(null).describe('Hand-overs at once'),
});
const weight = z.int().min(1).max(mostOf.weight).default(1);
export const weights = z
  .strictObject({ email: weight, sms: weight })
  .default({ email: 1, sms: 1 })
  .describe('How many deliveries it may send in one round of turns');

const used = z.strictObject({ minute: z.int(), day: z.int() }).describe('What was handed over in this minute and day');
const shownFields = { perSecond: z.number().nullable(), perMinute: z.int().nullable(), perDay: z.int().nullable() };
export const limitReply = z.strictObject({ ...shownFields, used }).nullable();
export const tenantReply = z.strictObject({
  email: limitReply,
  sms: limitReply,
  weight: z.strictObject({ email: z.int(), sms: z.int() }),
});
export const providersReply = z.strictObject({ smtp: limitReply, smsapi: limitReply });
export const domainReply = z.strictObject({
  domain: z.string(),
  ...shownFields,
  connections: z.int().nullable(),
  used,
  slowed: z
    .strictObject({ gapSeconds: z.number(), closedUntil: z.iso.datetime(), lineUntil: z.iso.datetime().nullable() })
    .nullable()
    .describe(
      'It asked for less: nothing before `closedUntil`, then one in `gapSeconds`; turns are given away up to `lineUntil`',
    ),
});
export const domainParams = z.strictObject({
  domain: textAs(
    (text) => domainOf(parseEmailAddress(`x@${text}`) ?? '') ?? undefined,
    { code: 'invalid-domain', message: 'must be the domain of an email address' },
    { examples: ['example.com'] },
  ),
});

export function byChannel(rows: readonly StandingLimit[]) {
  const of = (channel: Channel) => limitJson(rows.find((row) => row.channel === channel));
  return { email: of('email'), sms: of('sms') };
}

export function limitJson(row: StandingLimit | undefined) {
  return row === undefined
    ? null
    : { perSecond: row.perSecond, perMinute: row.perMinute, perDay: row.perDay, used: row.used };
}

export function domainJson({ domain, perSecond, perMinute, perDay, connections, used: spent, slowed }: StandingLimit) {
  return {
    domain,
    perSecond,
    perMinute,
    perDay,
    connections,
    used: spent,
    slowed: slowed && {
      gapSeconds: slowed.gapMs / 1000,
      closedUntil: instantText(slowed.closedUntil),
      lineUntil: slowed.lineUntil && instantText(slowed.lineUntil),
    },
  };
}

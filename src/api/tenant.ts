import { z } from 'zod';
import { formatId, asId } from '../domain/ids.ts';
import { changeTenant, loadTenant, type TenantRow, type TenantSettings } from '../store/tenants.ts';
import { keepImage } from '../store/images.ts';
import { mostSegments } from '../templates/compose-sms.ts';
import { taxNumber } from './customer-form.ts';
import { inFlightJson, inFlightReply } from './due-dates-reply.ts';
import { etag, ifMatchHeader, requireMatch } from './etag.ts';
import { type Call, operation, type Reply } from './operation.ts';
import { country, email, isWebAddress, line, locale, textAs, timeZone } from './schemas.ts';

const clockTime = textAs(
  (text) => (/^([01]\d|2[0-3]):[0-5]\d$/.test(text) ? text : undefined),
  {
    code: 'invalid-time',
    message: 'must be a time of day, as HH:MM',
  },
  { examples: ['21:00'] },
);

const quietHours = z.strictObject({ from: clockTime, to: clockTime }).superRefine(({ from, to }, context) => {
  if (from !== to) return;
  context.addIssue({
    code: 'custom',
    path: ['to'],
    message: 'must differ from "from"',
    params: { code: 'empty-interval' },
  });
});

// What SMSAPI and the networks take as a sender name (3GPP TS 23.040 §9.1.2.5: 11 characters).
const smsSender = textAs(
  (text) => (/^(?=.*[A-Za-z])[A-Za-z0-9]{1,11}$/.test(text) ? text : undefined),
  {
    code: 'invalid-sms-sender',
    message: 'must be 1 to 11 letters and digits, with at least one letter',
  },
  { maxLength: 11, examples: ['Rossi'] },
);

const colour = textAs(
  (text) => (/^#[0-9a-f]{6}$/i.test(text) ? text.toLowerCase() : undefined),
  {
    code: 'invalid-colour',
    message: 'must be a colour as #rrggbb',
  },
  { examples: ['#0b6e4f'] },
);

const largestLogo = 200_000;
const logo = textAs(
  (text) => (text.length <= largestLogo && (isImage(text) || isWebAddress(text)) ? text : undefined),
  {
    code: 'invalid-logo',
    message: `must be an https address, or a PNG, JPEG or GIF as a base64 data URI of at most ${largestLogo} characters`,
  },
  { maxLength: largestLogo, examples: ['data:image/png;base64,iVBORw0KGgo…'] },
);

const changes = z.strictObject({
  name: line(200).optional(),
  sender: z.strictObject({ email: email.nullable().optional(), name: line(200).nullable().optional() }).optional(),
  replyTo: email.nullable().optional(),
  smsSender: smsSender.nullable().optional(),
  logo: logo.nullable().optional(),
  colour: colour.nullable().optional(),
  timeZone: timeZone.optional(),
  country: country.optional(),
  locale: locale.optional(),
  unknownPolicy: z.enum(['hold', 'resend']).optional(),
  contactGapDays: z.int().min(0).max(365).optional(),
  quietHours: quietHours.nullable().optional(),
  vatId: taxNumber
    .nullable()
    .optional()
    .describe('With its country. By it (and the tax code) an invoice to the tenant is told from one of its own'),
  taxCode: taxNumber.nullable().optional(),
  smsMaxSegments: z.int().min(1).max(mostSegments).optional().describe('The most parts that an SMS may take'),
  bindsCallers: z.boolean().optional().describe('Contact gap and quiet hours bind callers and operators too'),
});

const nullableText = z.string().nullable();
const tenantReply = z.strictObject({
  id: z.string(),
  ref: z.string(),
  name: z.string(),
  plan: z.string(),
  sender: z.strictObject({ email: nullableText, name: nullableText }),
  replyTo: nullableText,
  smsSender: nullableText,
  logo: nullableText,
  colour: nullableText,
  timeZone: z.string(),
  country: z.string(),
  locale: z.string(),
  unknownPolicy: z.string(),
  contactGapDays: z.int(),
  quietHours: z.strictObject({ from: z.string(), to: z.string() }).nullable(),
  vatId: nullableText,
  taxCode: nullableText,
  smsMaxSegments: z.int(),
  bindsCallers: z.boolean(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});

const getTenant = operation({
  method: 'get',
  path: '/v1/tenant',
  id: 'getTenant',
  tag: 'Tenant',
  summary: 'The settings of the tenant whose key this is',
  scope: 'data:read',
  replyHeaders: ['ETag'],
  replies: { 200: { description: 'The tenant', schema: tenantReply } },
  problems: [],
  handle: async ({ parts, caller }) => reply(await loadTenant(parts.database, caller.tenant)),
});

const patchTenant = operation({
  method: 'patch',
  path: '/v1/tenant',
  id: 'patchTenant',
  tag: 'Tenant',
  summary: 'Changes settings of the tenant',
  description: 'What is not sent stays as it is; null takes a value away.',
  scope: 'settings',
  body: changes,
  requestHeaders: ifMatchHeader,
  replyHeaders: ['ETag'],
  replies: { 200: { description: 'The tenant as it is now', schema: tenantReply.extend({ inFlight: inFlightReply }) } },
  problems: ['precondition-failed'],
  handle: async ({ parts, caller, body, header }) => {
    const logoSha256 = await keptLogo({ parts, caller }, body.logo);
    const { row, inFlight } = await changeTenant(parts.database, parts.clock, caller.tenant, (current) => {
      requireMatch(header('if-match'), current.version);
      return settings(body, logoSha256);
    });
    return reply(row, { inFlight: inFlightJson(inFlight) });
  },
});

export const tenantOperations = [getTenant, patchTenant];

function settings(body: z.output<typeof changes>, logoSha256: string | null | undefined): Partial<TenantSettings> {
  const { sender, ...rest } = body;
  const all = { ...rest, logoSha256, senderEmail: sender?.email, senderName: sender?.name };
  return withoutUndefined(all);
}

/** An image is kept beside the settings, as messages that were sent with it must be rebuilt when the logo is another. */
async function keptLogo(
  { parts, caller }: Pick<Call<unknown, unknown, unknown>, 'parts' | 'caller'>,
  text: string | null | undefined,
): Promise<string | null | undefined> {
  const [, mediaType, base64] = /^data:([a-z/+]+);base64,(.*)$/.exec(text ?? '') ?? [];
  if (mediaType === undefined || base64 === undefined) return text === undefined ? undefined : null;
  const image = { mediaType, bytes: Buffer.from(base64, 'base64') };
  return parts.database.tenantTransaction(caller.tenant, (client) =>
    keepImage(client, caller.tenant, image, parts.clock.now()),
  );
}

function reply(row: TenantRow, more: { inFlight?: string[] } = {}): Reply {
  const json = {
    id: formatId('tenant', asId('tenant', row.id)),
    ref: row.ref,
    name: row.name,
    plan: row.plan,
    sender: { email: row.senderEmail, name: row.senderName },
    replyTo: row.replyTo,
    smsSender: row.smsSender,
    logo: row.logo,
    colour: row.colour,
    timeZone: row.timeZone,
    country: row.country,
    locale: row.locale,
    unknownPolicy: row.unknownPolicy,
    contactGapDays: row.contactGapDays,
    quietHours: row.quietHours,
    vatId: row.vatId,
    taxCode: row.taxCode,
    smsMaxSegments: row.smsMaxSegments,
    bindsCallers: row.bindsCallers,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
    ...more,
  };
  return { status: 200, headers: { ETag: etag(row.version) }, json };
}

// The first bytes of the formats that mail programs show; SVG is none of them, and can hold scripts.
const signatures = { png: '89504e47', jpeg: 'ffd8ff', gif: '47494638' };

function isImage(dataUri: string): boolean {
  const match = /^data:image\/(png|jpeg|gif);base64,([A-Za-z0-9+/]+={0,2})$/.exec(dataUri);
  if (!match) return false;
  const start = Buffer.from(match[2]?.slice(0, 16) ?? '', 'base64').toString('hex');
  return Object.entries(signatures).some(([format, signature]) => format === match[1] && start.startsWith(signature));
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

function withoutUndefined<T extends object>(value: T): Defined<T>;
function withoutUndefined(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined));
}

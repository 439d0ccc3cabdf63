import { z } from 'zod';
import { dkimRecord, newDkimKey, readDkimKey, signsFor } from '../domain/dkim-key.ts';
import { parseEmailAddress } from '../domain/email-address.ts';
import { sealedByFirst, sealSecret } from '../domain/sealed-secret.ts';
import { noteInAudit } from '../store/audit.ts';
import type { Queryable } from '../store/database.ts';
import { dropDkimKey, findDkimKey, keepDkimKey, lockDkimKey, type StoredDkimKey } from '../store/dkim-keys.ts';
import { holdClaims, tenantsRemindersInFlight } from '../store/hold-claims.ts';
import { instantText } from '../store/instants.ts';
import { loadTenant } from '../store/tenants.ts';
import { invalidRequest } from './checked.ts';
import { inFlightJson, inFlightReply } from './due-dates-reply.ts';
import { type Call, operation, type Reply } from './operation.ts';
import { Problem } from './problems.ts';
import { textAs } from './schemas.ts';

type PlainCall = Pick<Call<unknown, unknown, unknown>, 'parts' | 'caller'>;

const domain = textAs(
  (text) => parseEmailAddress(`postmaster@${text}`)?.slice('postmaster@'.length),
  { code: 'invalid-domain', message: 'must be a domain name, such as example.com' },
  { examples: ['example.com'] },
);
// RFC 6376 §3.1: one or more labels of a domain name.
const selector = textAs(
  (text) =>
    /^(?=.{1,63}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/i.test(text)
      ? text.toLowerCase()
      : undefined,
  { code: 'invalid-selector', message: 'must be 1 to 63 letters, digits, hyphens and dots' },
  { examples: ['sollecito'] },
);

const body = z.strictObject({
  domain,
  selector,
  privateKey: z
    .string()
    .max(10_000)
    .optional()
    .describe('PEM, RSA of 2,048 to 4,096 bits or Ed25519; without it a key is made. It is never shown again'),
});

type PutCall = PlainCall & { body: z.output<typeof body> };

const dkimReply = z.strictObject({
  domain: z.string(),
  selector: z.string(),
  algorithm: z.enum(['rsa', 'ed25519']),
  record: z
    .strictObject({ name: z.string(), type: z.literal('TXT'), value: z.string() })
    .describe('To be put into the DNS of the domain'),
  signs: z.boolean().describe("Whether the tenant's sender address is of this domain: only then its emails are signed"),
  createdAt: z.iso.datetime(),
});

const putDkim = operation({
  method: 'put',
  path: '/v1/tenant/dkim',
  id: 'putDkim',
  tag: 'Tenant',
  summary: "Sets the key that signs the tenant's emails (DKIM)",
  description:
    "The same domain and selector again, without a private key or with the same, keeps the key; it is sealed anew where another of the service's secret keys has become the first. Put the record into the DNS before the next email leaves: receivers distrust a signature that they cannot check.",
  scope: 'settings',
  body,
  replies: {
    200: { description: 'The key, without its private part', schema: dkimReply.extend({ inFlight: inFlightReply }) },
  },
  problems: [],
  async handle(call) {
    const { parts, caller, body: asked } = call;
    const given = asked.privateKey === undefined ? undefined : givenKey(asked.privateKey);
    // Made before the claims are held: it takes its time.
    const fresh = given ?? ((await wantsNew(call)) ? await newDkimKey() : undefined);
    const { key, inFlight } = await parts.database.tenantTransaction(caller.tenant, async (client) => {
      await holdClaims(client, caller.tenant);
      // Two at once must not make two keys: only one of them could be the one that signs.
      const present = await lockDkimKey(client, caller.tenant);
      const kept = present && isSame(present, asked, given?.publicKey) && (await keptAs(client, call, present));
      if (kept) return { key: kept, inFlight: [] };
      const { algorithm, privateKey, publicKey } = fresh ?? (await newDkimKey());
      const sealedKey = sealSecret(privateKey, parts.sender.secretKeys);
      const made = { ...asked, algorithm, publicKey, sealedKey, createdAt: parts.clock.now() };
      await keepDkimKey(client, caller.tenant, made);
      await note(client, call, 'dkim-set', made.domain);
      return { key: made, inFlight: await tenantsRemindersInFlight(client, caller.tenant, { channel: 'email' }) };
    });
    return reply(call, key, { inFlight: inFlightJson(inFlight) });
  },
});

const getDkim = operation({
  method: 'get',
  path: '/v1/tenant/dkim',
  id: 'getDkim',
  tag: 'Tenant',
  summary: "The key that signs the tenant's emails, and its DNS record",
  scope: 'data:read',
  replies: { 200: { description: 'The key, without its private part', schema: dkimReply } },
  problems: ['not-found'],
  async handle(call) {
    const { parts, caller } = call;
    const key = await parts.database.tenantTransaction(caller.tenant, (client) => findDkimKey(client, caller.tenant));
    if (!key) throw noKey();
    return reply(call, key);
  },
});

const deleteDkim = operation({
  method: 'delete',
  path: '/v1/tenant/dkim',
  id: 'deleteDkim',
  tag: 'Tenant',
  summary: "Leaves the tenant's emails unsigned from now on",
  scope: 'settings',
  replies: { 204: { description: 'Done' } },
  problems: ['not-found'],
  async handle(call) {
    await call.parts.database.tenantTransaction(call.caller.tenant, async (client) => {
      await holdClaims(client, call.caller.tenant);
      const key = await findDkimKey(client, call.caller.tenant);
      if (!key || !(await dropDkimKey(client, call.caller.tenant))) throw noKey();
      await note(client, call, 'dkim-removed', key.domain);
    });
    return { status: 204, empty: true };
  },
});

export const dkimOperations = [putDkim, getDkim, deleteDkim];

function givenKey(pem: string) {
  const key = readDkimKey(pem);
  if (typeof key !== 'string') return key;
  const message = {
    unreadable: 'must be a private key as PEM, without a passphrase',
    'wrong-size': 'must have 2,048 to 4,096 bits',
    'wrong-kind': 'must be an RSA or an Ed25519 key',
  }[key];
  throw invalidRequest([{ path: '/privateKey', code: `key-${key}`, message }]);
}

function isSame(present: StoredDkimKey, asked: z.output<typeof body>, publicKey: string | undefined): boolean {
  if (present.domain !== asked.domain || present.selector !== asked.selector) return false;
  return publicKey === undefined || publicKey === present.publicKey;
}

/** Whether a key has to be made, by what stands now; who holds the claims looks again. */
async function wantsNew({ parts, caller, body: asked }: PutCall): Promise<boolean> {
  const present = await parts.database.tenantTransaction(caller.tenant, (client) => findDkimKey(client, caller.tenant));
  if (!present || !isSame(present, asked, undefined)) return true;
  return sealedByFirst(present.sealedKey, parts.sender.secretKeys) === undefined;
}

/** The key as it stands, sealed by the first of the secret keys. Undefined when none of them opens it: a new one must take its place. */
async function keptAs(
  client: Queryable,
  { parts, caller }: PlainCall,
  present: StoredDkimKey,
): Promise<StoredDkimKey | undefined> {
  const sealedKey = sealedByFirst(present.sealedKey, parts.sender.secretKeys);
  if (sealedKey === undefined) return undefined;
  const kept = { ...present, sealedKey };
  if (sealedKey !== present.sealedKey) await keepDkimKey(client, caller.tenant, kept);
  return kept;
}

async function reply(
  { parts, caller }: PlainCall,
  key: StoredDkimKey,
  more: { inFlight?: string[] } = {},
): Promise<Reply> {
  const tenant = await loadTenant(parts.database, caller.tenant);
  const from = tenant.senderEmail ?? parts.sender.mailFrom?.address ?? '';
  const json = {
    domain: key.domain,
    selector: key.selector,
    algorithm: key.algorithm,
    record: dkimRecord(key),
    signs: signsFor(key.domain, from),
    createdAt: instantText(key.createdAt),
    ...more,
  };
  return { status: 200, json };
}

async function note(client: Queryable, { parts, caller }: PlainCall, action: string, target: string): Promise<void> {
  await noteInAudit(client, { ...caller, action, target, detail: {}, now: parts.clock.now() });
}

function noKey(): Problem {
  return new Problem('not-found', 'No key is set: the emails leave unsigned.');
}

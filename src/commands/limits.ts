import type { Channel } from '../domain/delivery-facts.ts';
import { parseEmailAddress } from '../domain/email-address.ts';
import type { TenantId } from '../domain/ids.ts';
import { domainOf } from '../domain/send-limit.ts';
import type { Foundation } from '../foundation.ts';
import { type Limits, limitsOfAll, mostOf, setLimits, setWeight, type StandingLimit } from '../store/send-limits.ts';
import { WrongUse } from './command.ts';
import { onFoundation, tenantNamed } from './on-foundation.ts';
import { readChannel, readProvider } from './pauses.ts';

/** `sollecito limits list`. One line a limit, and a recipient domain that is slowed. */
export async function listLimitsByHand(): Promise<number> {
  return onFoundation(async ({ service, clock }) => {
    const rows = await limitsOfAll(service.pool, clock.now());
    for (const row of rows) process.stdout.write(`${inWords(row)}\n`);
    return 0;
  });
}

const options = {
  'per-second': 'perSecond',
  'per-minute': 'perMinute',
  'per-day': 'perDay',
  connections: 'connections',
} as const satisfies Record<string, keyof Limits>;

type Of = Record<'tenant' | 'channel' | 'provider' | 'domain', string | undefined>;
type Given = { [name in keyof typeof options | 'weight']?: string | undefined };

/** `sollecito limits set`. Changes the limits that are given and leaves the others; `none` takes one away. */
export async function setLimitsByHand(of: Of, given: Given): Promise<number> {
  const target = readTarget(of);
  const wanted = readLimits(given);
  const weight = given.weight === undefined ? undefined : readNumber('weight', 'weight', given.weight);
  if (Object.keys(wanted).length === 0 && weight === undefined) throw new WrongUse('no limit is given');
  if (weight !== undefined && target.kind !== 'tenant') throw new WrongUse('--weight is for a tenant');
  if (wanted.connections !== undefined && target.kind !== 'domain') throw new WrongUse('--connections is for a domain');
  return onFoundation(async (foundation) => {
    const tenant = target.kind === 'tenant' ? (await tenantNamed(foundation, target.ref)).id : null;
    const domain = target.kind === 'domain' ? target.domain : null;
    await change(foundation, { channel: target.channel, tenant, domain }, { wanted, weight });
    return 0;
  });
}

async function change(
  { service, clock }: Foundation,
  of: { channel: Channel; tenant: TenantId | null; domain: string | null },
  { wanted, weight }: { wanted: Partial<Limits>; weight: number | undefined },
): Promise<void> {
  const by = { actor: 'cli', now: clock.now() };
  await service.transaction(async (client) => {
    await setLimits(client, of, wanted, by);
    if (weight !== undefined && of.tenant) await setWeight(client, of.tenant, { channel: of.channel, weight }, by);
  });
}

type Target =
  | { kind: 'tenant'; ref: string; channel: Channel }
  | { kind: 'provider'; channel: Channel }
  | { kind: 'domain'; domain: string; channel: 'email' };

function readTarget({ tenant, channel, provider, domain }: Of): Target {
  if ([tenant, provider, domain].filter((given) => given !== undefined).length !== 1) {
    throw new WrongUse('it takes one of --tenant, --provider and --domain');
  }
  if ((tenant === undefined) !== (channel === undefined))
    throw new WrongUse('--channel goes with --tenant, which needs it');
  if (tenant !== undefined && channel !== undefined)
    return { kind: 'tenant', ref: tenant, channel: readChannel(channel) };
  if (provider !== undefined) return { kind: 'provider', channel: readProvider(provider) === 'smtp' ? 'email' : 'sms' };
  const name = domainOf(parseEmailAddress(`x@${domain}`) ?? '');
  if (name === null)
    throw new WrongUse(`--domain is ${JSON.stringify(domain)}: it takes the domain of an email address`);
  return { kind: 'domain', domain: name, channel: 'email' };
}

function readLimits(given: Given): Partial<Limits> {
  const texts = new Map(Object.entries(given));
  const values = Object.entries(options).flatMap(([option, field]) => {
    const text = texts.get(option);
    return text === undefined ? [] : [[field, text === 'none' ? null : readNumber(option, field, text)]];
  });
  return Object.fromEntries(values);
}

function readNumber(option: string, field: keyof typeof mostOf, text: string): number {
  const [form, least] = field === 'perSecond' ? [/^\d+(\.\d+)?$/, 0.001] : [/^\d+$/, 1];
  const value = Number(text);
  if (form.test(text) && value >= least && value <= mostOf[field]) return value;
  const takes = `${least} to ${mostOf[field]}${field === 'weight' ? '' : ', or none'}`;
  throw new WrongUse(`--${option} is ${JSON.stringify(text)}: it takes ${takes}`);
}

/** `tenant acme by email: 5 a second, 2000 a day; used 3 in this minute, 120 today` */
function inWords(row: StandingLimit): string {
  const { tenantRef, domain, channel, used, slowed } = row;
  const limits = [
    row.perSecond === null ? [] : `${row.perSecond} a second`,
    row.perMinute === null ? [] : `${row.perMinute} a minute`,
    row.perDay === null ? [] : `${row.perDay} a day`,
    row.connections === null ? [] : `${row.connections} at once`,
    slowed === null ? [] : `slowed to one in ${slowed.gapMs / 1000} s`,
  ].flat();
  const ofChannel = tenantRef === null ? `all by ${channel}` : `tenant ${tenantRef} by ${channel}`;
  const whose = domain === null ? ofChannel : `domain ${domain}`;
  return `${whose}: ${limits.join(', ')}; used ${used.minute} in this minute, ${used.day} today`;
}

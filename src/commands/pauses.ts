import { type Provider, providerOf } from '../domain/breaker.ts';
import type { Channel } from '../domain/delivery-facts.ts';
import { formatId, parseId } from '../domain/ids.ts';
import { instantText } from '../store/instants.ts';
import { activePauses, addPause, liftPause, type Pause, remindersInFlightUnder } from '../store/pauses.ts';
import { CommandFailed, oneOf, WrongUse } from './command.ts';
import { onFoundation, tenantNamed } from './on-foundation.ts';

/** `sollecito pauses list`. One line a pause that counts now, the oldest first. */
export async function listPausesByHand(): Promise<number> {
  return onFoundation(async ({ service, clock }) => {
    for (const pause of await activePauses(service.pool, clock.now())) process.stdout.write(`${inWords(pause)}\n`);
    return 0;
  });
}

type Wanted = Record<'tenant' | 'channel' | 'provider' | 'until', string | undefined> & { reason: string };

/** `sollecito pauses add`. Its id alone goes to stdout. */
export async function addPauseByHand(wanted: Wanted): Promise<number> {
  const channel = wanted.channel === undefined ? null : readChannel(wanted.channel);
  const provider = wanted.provider === undefined ? null : readProvider(wanted.provider);
  if (channel && provider && providerOf(channel) !== provider) {
    throw new WrongUse(`--provider ${provider} does not carry ${channel}`);
  }
  const reason = readReason(wanted.reason);
  const until = wanted.until === undefined ? null : readInstant(wanted.until);
  return onFoundation(async (foundation) => {
    const { service, clock } = foundation;
    const now = clock.now();
    if (until && Temporal.Instant.compare(until, now) <= 0)
      throw new WrongUse(`--until is ${wanted.until}, which is over`);
    const tenant = wanted.tenant === undefined ? null : (await tenantNamed(foundation, wanted.tenant)).id;
    const made = { tenant, channel, provider, reason, until, owner: 'cli', byPlatform: true };
    const pause = await service.transaction((client) => addPause(client, made, now));
    const inFlight = await service.transaction((client) => remindersInFlightUnder(client, pause));
    if (inFlight.length > 0) {
      const shown = inFlight.map((id) => formatId('reminder', id)).join(', ');
      process.stderr.write(`Too late to stop, being handed over: ${shown}\n`);
    }
    process.stdout.write(`${formatId('pause', pause.id)}\n`);
    return 0;
  });
}

/** `sollecito pauses lift`. */
export async function liftPauseByHand(text: string): Promise<number> {
  const id = parseId('pause', text);
  if (id === undefined) throw new WrongUse(`ID is ${JSON.stringify(text)}: it takes one of sollecito pauses list`);
  return onFoundation(async ({ service, clock }) => {
    const by = { tenant: null, actor: 'cli', now: clock.now() };
    const pause = await service.transaction((client) => liftPause(client, id, by));
    if (pause === undefined) throw new CommandFailed(`there is no pause ${text}`);
    process.stdout.write(`${text} has ended\n`);
    return 0;
  });
}

export function readChannel(text: string): Channel {
  return oneOf(text, ['email', 'sms'], '--channel');
}

export function readProvider(text: string): Provider {
  return oneOf(text, ['smtp', 'smsapi'], '--provider');
}

function readReason(text: string): string {
  const reason = text.trim();
  const { length } = Array.from(reason);
  if (length >= 1 && length <= 500 && reason.isWellFormed() && !/\p{Cc}/u.test(reason)) return reason;
  throw new WrongUse('--reason takes one line of 1 to 500 characters');
}

function readInstant(text: string): Temporal.Instant {
  try {
    return Temporal.Instant.from(text);
  } catch {
    throw new WrongUse(`--until is ${JSON.stringify(text)}: it takes an instant such as 2030-01-31T12:00:00Z`);
  }
}

/** `pau_… of acme, email, until 2026-12-01T08:00:00.000Z, by cli: stock-taking` */
function inWords({ id, tenantRef, channel, provider, until, owner, reason }: Pause): string {
  const scope = [tenantRef === null ? 'of everybody' : `of ${tenantRef}`, channel, provider];
  const told = [...scope, until && `until ${instantText(until)}`, `by ${owner}`].filter((part) => part !== null);
  return `${formatId('pause', id)} ${told.join(', ')}: ${reason}`;
}

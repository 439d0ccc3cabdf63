import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import type { ApiClient } from './client.ts';
import type { EndingWatch, Patience } from './ending.ts';
import type { Fleet } from './fleet.ts';
import type { Outside } from './outside.ts';
import type { Plan, Wish } from './plan.ts';
import type { Accepted } from './told.ts';
import { Work } from './work.ts';

export type LossParts = {
  plan: Plan;
  outside: Outside;
  fleet: Fleet;
  client: ApiClient;
  keys: ReadonlyMap<string, string>;
  watch: EndingWatch;
  /** For the backup's file. */
  folder: string;
  patience: Patience;
  say: (line: string) => void;
};

/** What came of losing the database. */
export type Loss = {
  /** Open as the backup was made: asked for, and not sent. */
  open: Accepted[];
  /** Accepted after it, and so gone with the database. */
  gone: Accepted[];
  /** `unknown: restored` after it. */
  unknown: number;
  /** Taken by a provider after the restoring and before anyone had decided. Must be 0. */
  undecided: number;
};

const eachTenant = 12;
const lasting = 'lasting';
const main = path.resolve(import.meta.dirname, '../src/main.ts');

/**
 * The database is lost, and an older backup takes its place: what was open in it has been sent since. Then a person
 * decides by the providers' own account.
 */
export async function loseDatabase(parts: LossParts): Promise<Loss> {
  const { outside, fleet, watch, patience, say } = parts;
  const backup = path.join(parts.folder, 'backup');
  say('a backup is made while reminders are open');
  await addDueDate(parts);
  await outside.phase({ channel: 'email', phase: 'down' });
  const open = await ask(parts, 'before');
  await sollecito(fleet, ['backup', backup]);
  await outside.phase({ channel: 'email', phase: 'up' });
  await watch.wait(patience);
  const since = await ask(parts, 'since');
  await watch.wait(patience);
  say('the database is lost, and the backup is restored');
  await fleet.halt();
  const takenBefore = (await outside.ledger()).taken.length;
  await sollecito(fleet, ['restore', backup, '--replace']);
  await fleet.resume();
  await watch.wait(patience);
  const undecided = (await outside.ledger()).taken.length - takenBefore;
  const unknown = await decide(parts, open);
  await watch.wait(patience);
  return { open, gone: since, unknown, undecided };
}

/** One recipient each, so that a decision about a reminder is one about a delivery. */
async function ask({ plan, client, keys }: LossParts, when: string): Promise<Accepted[]> {
  const steps = plan.tenants.map(({ ref }) => ({
    kind: 'ask' as const,
    tenant: ref,
    wishes: Array.from({ length: eachTenant }, (_, n) => wishOf(ref, `${when}-${n}`)),
    batch: true,
  }));
  const work = new Work({ ...plan, steps, disruptions: [] }, { client, keys, forMs: null, batchSent: () => undefined });
  await work.run();
  return work.told.accepted;
}

function wishOf(tenant: string, name: string): Wish {
  const to = [`${name}@${tenant}.example`];
  const own = { key: `${tenant} ${name}`, tenant, customer: lasting, dueDates: [lasting], to };
  return { ...own, channel: 'email', attachDocument: false, afterMs: null };
}

/** A due date that nothing before has settled or held. */
async function addDueDate({ plan, client, keys }: LossParts): Promise<void> {
  for (const { ref } of plan.tenants) {
    const body = {
      customer: { ref: lasting, name: `Cliente di ${ref}` },
      dueOn: '2026-01-31',
      amount: { value: '100.00', currency: 'EUR' },
    };
    const answer = await client.ask({
      method: 'PUT',
      path: `/v1/due-dates/${lasting}`,
      key: keys.get(ref) ?? '',
      body,
    });
    if (answer.status >= 300) throw new Error(`a due date was refused: ${JSON.stringify(answer.json)}`);
  }
}

/** As an operator who looks into the provider's log: what was taken is sent, the rest is sent again. @returns how many. */
async function decide({ outside, watch, client, keys }: LossParts, open: readonly Accepted[]): Promise<number> {
  const taken = new Set((await outside.ledger()).taken.map(({ recipient }) => recipient));
  const restored = new Set(
    (await watch.rows()).flatMap(({ reminder, reason }) => (reason === 'restored' ? [reminder] : [])),
  );
  const asked = open.filter(({ id }) => restored.has(id));
  for (const { id, wish } of asked) {
    const outcome = wish.to?.every((recipient) => taken.has(recipient)) ? 'sent' : 'resend';
    const key = keys.get(wish.tenant) ?? '';
    const answer = await client.ask({ method: 'POST', path: `/v1/reminders/${id}/resolve`, key, body: { outcome } });
    if (answer.status !== 200)
      throw new Error(`resolving ${id} answered ${answer.status}: ${JSON.stringify(answer.json)}`);
  }
  return asked.length;
}

async function sollecito(fleet: Fleet, args: string[]): Promise<void> {
  await promisify(execFile)(process.execPath, [main, ...args], { env: fleet.environmentOfCommands() });
}

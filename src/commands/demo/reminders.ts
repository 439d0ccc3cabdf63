import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { takenStatuses } from '../../domain/delivery-state.ts';
import { type ApiClient, Refused } from './api-client.ts';

const amount = z.object({ value: z.string(), currency: z.string() });
const dueDate = z.object({
  ref: z.string(),
  customer: z.string(),
  customerName: z.string(),
  document: z.object({ number: z.string().nullable() }),
  dueOn: z.string(),
  outstanding: amount,
  timing: z.string(),
  daysLate: z.number(),
  reminders: z.object({ count: z.number(), failed: z.number(), lastStatus: z.string().nullable() }),
});
export type DemoDueDate = z.output<typeof dueDate>;

const reminder = z.object({
  id: z.string(),
  dueDate: z.string(),
  channel: z.enum(['email', 'sms']),
  status: z.string(),
  deliveries: z.array(z.object({ to: z.string(), reason: z.string().nullable() })),
});
export type DemoReminder = z.output<typeof reminder>;

/** Enough to see the queues work, and still to be read on one page. */
const mostEmails = 25;
const mostSms = 3;
const pollMs = 100;
const waitMs = 120_000;

/** What can be reminded of: open, ours, the oldest first. */
export async function openDueDates(api: ApiClient): Promise<DemoDueDate[]> {
  return api.all('/v1/due-dates?direction=receivable&status=overdue,today,future&sort=dueOn', dueDate);
}

/** What was asked for; `refused` in a line each. */
export type Asked = { ids: string[]; emails: number; sms: number; refused: string[] };

/** One email for each due date, and one SMS for the first of the first customers. */
export async function askForReminders(
  api: ApiClient,
  dueDates: readonly DemoDueDate[],
  attachDocument: boolean,
  progress: (done: number, all: number) => void,
): Promise<Asked> {
  const firstOfCustomer = dueDates.filter(
    ({ customer }, at) => dueDates.findIndex((other) => other.customer === customer) === at,
  );
  const wanted = [
    ...dueDates.slice(0, mostEmails).map(({ ref }) => ({ dueDate: ref, channel: 'email', attachDocument })),
    ...firstOfCustomer.slice(0, mostSms).map(({ ref }) => ({ dueDate: ref, channel: 'sms', attachDocument })),
  ];
  const asked: Asked = { ids: [], emails: 0, sms: 0, refused: [] };
  for (const [done, json] of wanted.entries()) {
    progress(done, wanted.length);
    try {
      const headers = { 'idempotency-key': `demo-${json.channel}-${encodeURIComponent(json.dueDate)}` };
      const made = await api.send('POST', '/v1/reminders', reminder, { json, headers });
      asked.ids.push(made.id);
      if (made.channel === 'email') asked.emails += 1;
      else asked.sms += 1;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      asked.refused.push(`${json.channel} for ${json.dueDate}: ${error.message}`);
    }
  }
  return asked;
}

/** Looks until a provider has taken each, or it has ended otherwise, two minutes at most. @returns them as they stand, in order. */
export async function awaitEnd(
  api: ApiClient,
  ids: readonly string[],
  progress: (sent: number) => void,
  stop: AbortSignal,
): Promise<DemoReminder[]> {
  const deadline = performance.now() + waitMs;
  for (;;) {
    const all = await api.all('/v1/reminders?sort=createdAt', reminder);
    const known = new Map(all.map((one) => [one.id, one]));
    const reminders = ids.flatMap((id) => known.get(id) ?? []);
    progress(reminders.filter(isTaken).length);
    if (reminders.every(hasEnded) || performance.now() > deadline) return reminders;
    await pause(pollMs, undefined, { signal: stop });
  }
}

/** Whether it reached `sent` or better. */
export function isTaken({ status }: Pick<DemoReminder, 'status'>): boolean {
  return ['sent', 'delivered'].includes(status);
}

function hasEnded({ status }: DemoReminder): boolean {
  return ['failed', 'skipped', 'canceled', 'unknown', ...takenStatuses].includes(status);
}

const events = z.object({ items: z.array(z.object({ at: z.string(), type: z.string() })) });

/** The way one reminder went, in a line: `accepted → queued → sending → sent in 0.9 s`. */
export async function storyOf(api: ApiClient, { id }: DemoReminder): Promise<string> {
  const { items } = await api.get(`/v1/reminders/${id}/events`, events);
  const [first, last] = [items[0], items.at(-1)];
  if (!first || !last) return '';
  const seconds = (Date.parse(last.at) - Date.parse(first.at)) / 1000;
  return `${items.map(({ type }) => type).join(' → ')} in ${seconds.toFixed(1)} s`;
}

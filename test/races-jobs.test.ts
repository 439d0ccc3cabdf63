import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Dispatched } from '../src/store/dispatch.ts';
import { type ShownReminder, TestService } from './support/service.ts';

let service: TestService;
beforeAll(async () => {
  service = await TestService.start();
});
beforeEach(async () => {
  await service.query("UPDATE sollecito.delivery SET status = 'canceled' WHERE status <> 'sent'");
  service.errors.length = 0;
});
afterAll(async () => {
  await service.stop();
});

const rounds = 10;
const perRound = 20;

type Racer = { n: number; due: string; to: string; reminder: string; item: Dispatched };

let made = 0;
/** As many reminders as run at once, each of a due date of its own, each with a job. */
async function racers(): Promise<Racer[]> {
  const numbers = Array.from({ length: perRound }, () => ++made);
  const dueDates = numbers.map((n) => ({
    ref: `r${n}`,
    customer: 'rossi',
    dueOn: '2026-02-20',
    amount: { value: '1220.00', currency: 'EUR' },
  }));
  expect((await service.call('POST', '/v1/due-dates/batch', { body: { dueDates } })).status).toBe(200);
  const reminders = numbers.map((n) => ({
    idempotencyKey: `r${n}`,
    dueDate: `r${n}`,
    channel: 'email',
    to: [`r${n}@bianchi.example`],
    attachDocument: false,
  }));
  const { body } = await service.call<{ items: { reminder: ShownReminder }[] }>('POST', '/v1/reminders/batch', {
    body: { reminders },
  });
  const items = await service.dispatch();
  const rows = await service.query<{ id: string; recipient: string }>('SELECT id, recipient FROM sollecito.delivery');
  return numbers.map((n, at) => {
    const to = `r${n}@bianchi.example`;
    const delivery = rows.find((row) => row.recipient === to)?.id;
    const item = items.find((candidate) => candidate.delivery === delivery) ?? expect.fail('not dispatched');
    return { n, due: `r${n}`, to, reminder: body.items[at]?.reminder.id ?? '', item };
  });
}

test('one job that two workers have at the same time is sent once', async () => {
  for (let round = 0; round < rounds; round++) {
    const worker = await service.worker('email');
    const all = await racers();
    await Promise.all(all.flatMap(({ item }) => [service.run(item, worker), service.run(item, worker)]));
    expect(all.map(({ to }) => service.smtp.taken.get(to))).toEqual(all.map(() => 1));
  }
  expect(service.errors).toEqual([]);
});

test('two dispatchers, cancels and payments at the same time: each delivery has one job or none', async () => {
  for (let round = 0; round < rounds; round++) {
    const all = await racers();
    await service.query("UPDATE sollecito.delivery SET status = 'accepted' WHERE status = 'queued'");
    const [first, second] = await Promise.all([
      service.dispatch('email', 200),
      service.dispatch('email', 200),
      ...all.slice(0, 5).map(async ({ reminder }) => service.call('POST', `/v1/reminders/${reminder}/cancel`)),
      ...all.slice(5, 10).map(async ({ due }) => service.pay(due)),
    ]);
    const jobs = [...first, ...second].map(({ delivery }) => delivery);
    expect(new Set(jobs).size).toBe(jobs.length);
    const standing = await Promise.all(all.map(async ({ reminder }) => service.fates(reminder)));
    expect(standing.slice(0, 10).flat()).toEqual([
      ...Array.from({ length: 5 }, () => 'canceled by-request'),
      ...Array.from({ length: 5 }, () => 'canceled paid'),
    ]);
    const left = [...(await service.dispatch()), ...first, ...second];
    for (const { item } of all.slice(10))
      expect(left.filter(({ delivery }) => delivery === item.delivery)).toHaveLength(1);
    await service.query("UPDATE sollecito.delivery SET status = 'canceled' WHERE status = 'queued'");
  }
});

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { TestService } from './support/service.ts';

let service: TestService;
let refs: [string, string];
let count = 0;
beforeAll(async () => {
  service = await TestService.start();
});
beforeEach(async () => {
  service.clock.set('2026-03-02T09:00:00Z');
  service.smtp.behave();
  count += 1;
  refs = [`a${count}`, `b${count}`];
  for (const ref of refs) await service.addDueDate(ref);
});
afterAll(async () => {
  await service.stop();
});

type Badge = { reminders: { count: number; lastStatus: string | null } };
const badge = async (ref: string): Promise<Badge['reminders']> =>
  (await service.call<Badge>('GET', `/v1/due-dates/${ref}`)).body.reminders;
type Story = { items: { type: string; reason: string | null }[] };
const story = async (id: string): Promise<Story['items']> =>
  (await service.call<Story>('GET', `/v1/reminders/${id}/events`)).body.items;

describe('a reminder of two due dates', () => {
  test('counts for both when its message speaks of both', async () => {
    const { id } = await service.remind({ dueDates: refs });
    await service.sendDue();
    expect(await service.fates(id)).toEqual(['sent']);
    for (const ref of refs) expect(await badge(ref)).toMatchObject({ count: 1, lastStatus: 'sent' });
    expect((await story(id)).map(({ type }) => type)).not.toContain('leftOut');
  });

  test.each<[string, (ref: string) => Promise<unknown>, string]>([
    ['held', async (ref) => service.put(`/v1/due-dates/${ref}/hold`, { reason: 'disputed' }), 'hold-disputed'],
    ['paid', async (ref) => service.pay(ref), 'paid'],
    ['void', async (ref) => service.call('POST', `/v1/due-dates/${ref}/void`), 'void'],
  ])(
    'of which one is %s by now speaks of the other alone, counts for it alone, and says so',
    async (_, settle, reason) => {
      const [first, second] = refs;
      const { id } = await service.remind({ dueDates: refs });
      await settle(first);
      await service.sendDue();
      expect(await service.fates(id)).toEqual(['sent']);
      expect(service.smtp.messages.at(-1)?.raw).toContain(`2026/${second}`);
      expect(service.smtp.messages.at(-1)?.raw).not.toContain(`2026/${first}`);
      expect(await badge(first)).toMatchObject({ count: 0, lastStatus: null });
      expect(await badge(second)).toMatchObject({ count: 1, lastStatus: 'sent' });
      expect(await story(id)).toContainEqual(expect.objectContaining({ type: 'leftOut', reason }));
      const notYet = await service.call<{ items: { ref: string }[] }>('GET', '/v1/due-dates?reminded=false&limit=200');
      expect(notYet.body.items.map(({ ref }) => ref)).toContain(first);
      expect(notYet.body.items.map(({ ref }) => ref)).not.toContain(second);
    },
  );

  test('that are held both is skipped', async () => {
    const { id } = await service.remind({ dueDates: refs });
    for (const ref of refs) await service.put(`/v1/due-dates/${ref}/hold`, { reason: 'promised', until: '2026-03-20' });
    await service.sendDue();
    expect(await service.fates(id)).toEqual(['skipped hold-promised']);
    for (const ref of refs) expect(await badge(ref)).toMatchObject({ count: 0, lastStatus: 'skipped' });
  });

  test('says in the preview which one is left out', async () => {
    await service.put(`/v1/due-dates/${refs[0]}/hold`, { reason: 'disputed' });
    const shown = await service.call<{ wouldSend: boolean; warnings: { code: string; message: string }[] }>(
      'POST',
      '/v1/reminders/preview',
      { body: { dueDates: refs, channel: 'email', attachDocument: false } },
    );
    expect(shown.body.wouldSend).toBe(true);
    expect(shown.body.warnings).toContainEqual({
      code: 'left-out',
      message: `The due date ${refs[0]} is left out: hold-disputed.`,
    });
  });
});

describe('copies', () => {
  test('are deliveries of their own, and see to whom the email went', async () => {
    const { id } = await service.remind({ dueDate: refs[0], cc: ['capo@bianchi.example'] });
    await service.sendDue();
    expect(await service.fates(id)).toEqual(['sent', 'sent']);
    const [copy] = service.smtp.messages.filter(({ to }) => to.includes('capo@bianchi.example')).slice(-1);
    expect(copy?.raw).toMatch(/^To: conti@bianchi\.example\r\n/m);
    expect(copy?.raw).toMatch(/^Cc: capo@bianchi\.example\r\n/m);
  });

  test('of somebody who is a recipient anyway are left away', async () => {
    const { deliveries } = await service.remind({
      dueDate: refs[0],
      cc: ['conti@bianchi.example', 'capo@bianchi.example'],
    });
    expect(deliveries.map(({ to }) => to)).toEqual(['conti@bianchi.example', 'capo@bianchi.example']);
  });

  test.each([
    [{ cc: ['a@b.example'] }, '/cc'],
    [{ subject: 'Oggetto' }, '/subject'],
    [{ replyTo: 'a@b.example' }, '/replyTo'],
    [{ message: 'x'.repeat(1_700) }, '/message'],
  ])('and what else an SMS cannot carry is refused: %o', async (more, path) => {
    const answer = await service.ask({ dueDate: refs[0], channel: 'sms', ...more });
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ path }] } });
  });
});

test('a retry does not come before the time that was set', async () => {
  const { id } = await service.remind({ dueDate: refs[0], sendAt: '2026-05-01T09:00:00Z' });
  await service.call('POST', `/v1/reminders/${id}/cancel`);
  await service.call('POST', `/v1/reminders/${id}/retry`);
  await service.sendDue();
  expect(await service.fates(id)).toEqual(['accepted by-request']);
  service.clock.set('2026-05-01T09:00:01Z');
  await service.sendDue();
  expect(await service.fates(id)).toEqual(['sent']);
});

describe('accounts', () => {
  const accounts = { one: 'IT60X0542811101000000123456', other: 'DE89370400440532013000' };
  beforeEach(async () => {
    for (const [n, ref] of (['one', 'other'] as const).entries()) {
      await service.put(`/v1/bank-accounts/${ref}`, { holder: `Rossi ${ref}`, iban: accounts[ref] });
      await service.patch(`/v1/due-dates/${refs[n] ?? ''}`, { bankAccount: ref });
    }
  });
  const text = (): string => (service.smtp.messages.at(-1)?.raw ?? '').replaceAll('=\r\n', '').replaceAll(' ', '');

  test('of a due date that was paid by now are none for the other', async () => {
    await service.remind({ dueDates: refs });
    await service.pay(refs[0]);
    await service.sendDue();
    expect(text()).toContain(accounts.other);
    expect(text()).not.toContain(accounts.one);
  });

  test('that differ are none of them for all, unless one is chosen', async () => {
    type Shown = { text: string; bankAccount: unknown; warnings: { code: string }[] };
    const preview = async (more: Record<string, unknown>) =>
      (
        await service.call<Shown>('POST', '/v1/reminders/preview', {
          body: { dueDates: refs, channel: 'email', attachDocument: false, ...more },
        })
      ).body;
    const mixed = await preview({});
    expect(mixed).toMatchObject({ bankAccount: null, text: expect.not.stringContaining('IBAN') });
    expect(mixed.warnings.map(({ code }) => code)).toContain('several-bank-accounts');
    const chosen = await preview({ bankAccount: 'other' });
    expect(chosen.bankAccount).toMatchObject({ iban: accounts.other });
    expect(chosen.warnings.map(({ code }) => code)).not.toContain('several-bank-accounts');
  });
});

test('an SMS carries the account that its due date names', async () => {
  const body = { dueDate: refs[0], channel: 'sms', attachDocument: false };
  const text = async (): Promise<string> =>
    (await service.call<{ sms: { text: string } }>('POST', '/v1/reminders/preview', { body })).body.sms.text;
  expect(await text()).not.toContain('IT60');
  await service.patch(`/v1/due-dates/${refs[0]}`, { bankAccount: 'main' });
  expect(await text()).toMatch(/IT60 ?X054 ?2811/);
});

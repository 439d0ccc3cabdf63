import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ShownReminder, TestService } from './support/service.ts';

type Shown = ShownReminder & {
  decisions: string[];
  deliveries: { attempts: number; code: string | null; since: string | null }[];
};

let service: TestService;
beforeAll(async () => {
  service = await TestService.start();
});
beforeEach(async () => {
  await service.calm();
  service.clock.set('2026-03-02T09:00:00Z');
});
afterAll(async () => {
  await service.stop();
});

const shown = async (id: string): Promise<Shown> => (await service.call<Shown>('GET', `/v1/reminders/${id}`)).body;
const list = async (query: string): Promise<Shown[]> =>
  (await service.call<{ items: Shown[] }>('GET', `/v1/reminders?${query}`)).body.items;

describe('a dead letter', () => {
  test('says what was answered last, how often it was tried, and what can be done', async () => {
    service.smtp.fail('rcpt', { kind: 'reply', line: '451 4.2.0 later' });
    const { id } = await service.remind({ to: ['tired@bianchi.example'] });
    for (let tries = 1; tries <= 12; tries++) {
      await service.sendDue();
      service.clock.advance({ hours: 2 });
      if (tries === 3) {
        expect(await shown(id)).toMatchObject({
          decisions: ['cancel'],
          deliveries: [{ status: 'retrying', attempts: 3, code: '451' }],
        });
      }
    }
    expect(await shown(id)).toMatchObject({
      status: 'failed',
      decisions: ['retry'],
      deliveries: [
        { status: 'failed', reason: 'exhausted', attempts: 12, code: '451', nextAttemptAt: null, since: null },
      ],
    });
    const story = await service.call<{ items: unknown[] }>('GET', `/v1/reminders/${id}/events`);
    expect(story.body.items.at(-1)).toMatchObject({
      type: 'failed',
      reason: 'exhausted',
      detail: { attempt: 12, code: '451' },
    });
    expect((await service.call('GET', `/v1/reminders/${id}/message`)).text).toContain('tired@bianchi.example');
    await service.call('POST', `/v1/reminders/${id}/retry`);
    expect(await shown(id)).toMatchObject({ decisions: ['cancel'], deliveries: [{ attempts: 0, code: null }] });
  });

  test('that could not be prepared says what broke', async () => {
    const { id } = await service.remind({ channel: 'sms', message: '{{ dueDates }} '.repeat(60) });
    await service.sendDue('sms');
    const [delivery] = (await shown(id)).deliveries;
    expect(delivery).toMatchObject({ status: 'failed', reason: 'not-preparable', attempts: 0 });
    expect(delivery?.code).toMatch(/^[\w-]+$/);
  });

  test('is found by its reason, beside others of its status', async () => {
    service.smtp.fail('rcpt', { kind: 'reply', line: '550 5.1.1 no' }, { times: 1 });
    const refused = await service.remind({ to: ['gone@bianchi.example'] });
    await service.sendDue();
    const unprepared = await service.remind({ channel: 'sms', message: '{{ dueDates }} '.repeat(60) });
    await service.sendDue('sms');
    const ids = async (query: string) => (await list(query)).map(({ id }) => id);
    expect(await ids('status=failed&reason=recipient-refused')).toEqual([refused.id]);
    expect(await ids('status=failed&reason=not-preparable')).toContain(unprepared.id);
    expect(await ids('reason=not-preparable,recipient-refused')).toEqual(
      expect.arrayContaining([refused.id, unprepared.id]),
    );
    expect(await ids('status=sent&reason=recipient-refused')).toEqual([]);
    expect((await service.call('GET', '/v1/reminders?reason=No%20Reason')).status).toBe(400);
  });
});

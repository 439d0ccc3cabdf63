import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ShownReminder, TestService } from './support/service.ts';

type Told = { matched: number; done: number };

let service: TestService;
beforeAll(async () => {
  service = await TestService.start();
});
afterAll(async () => {
  await service.stop();
});

const bulk = async (deed: 'retry' | 'cancel', body: unknown, key = service.api.tenant.key): Promise<Told> => {
  const answer = await service.call<Told>('POST', `/v1/reminders/${deed}`, { body, key });
  expect(answer, answer.text).toMatchObject({ status: 200 });
  return answer.body;
};

describe('the filter', () => {
  test('is the list’s: it names what the list shows', async () => {
    service.smtp.fail('rcpt', { kind: 'reply', line: '550 5.1.1 no' }, { times: 1 });
    await service.remind();
    await service.sendDue();
    await service.remind({ channel: 'sms', to: ['+393339999999'] });
    await service.addDueDate('other');
    await service.remind({ dueDate: 'other' });
    const { body: all } = await service.call<{ items: ShownReminder[] }>('GET', '/v1/reminders');
    const filters: [Record<string, unknown>, string][] = [
      [{ id: all.items[0]?.id }, `id=${all.items[0]?.id}`],
      [{ id: all.items.map(({ id }) => id) }, `id=${all.items.map(({ id }) => id).join()}`],
      [{ dueDate: ['d1'] }, 'dueDate=d1'],
      [{ customer: 'rossi', channel: ['sms'] }, 'customer=rossi&channel=sms'],
      [{ status: ['failed', 'accepted'] }, 'status=failed,accepted'],
      [{ reason: ['recipient-refused', 'exhausted'] }, 'reason=recipient-refused,exhausted'],
      [{ reason: 'exhausted' }, 'reason=exhausted'],
      [{ origin: 'api', createdFrom: '2026-03-02T09:00:01Z' }, 'origin=api&createdFrom=2026-03-02T09:00:01Z'],
      [{ q: '9999999' }, 'q=9999999'],
    ];
    for (const [filter, query] of filters) {
      const { body } = await service.call<{ items: ShownReminder[] }>('GET', `/v1/reminders?${query}`);
      const { matched } = await bulk('cancel', { filter, dryRun: true });
      expect([query, matched]).toEqual([query, body.items.length]);
    }
  });

  test.each([
    [undefined, ''],
    [{}, '/filter'],
    [{ filter: {} }, '/filter'],
    [{ filter: { status: 'lost' } }, '/filter/status'],
    [{ filter: { status: [] } }, '/filter/status'],
    [{ filter: { id: 'rem_1' } }, '/filter/id'],
    [{ filter: { reason: ['No Reason'] } }, '/filter/reason/0'],
    [{ filter: { status: 'failed', colour: 'red' } }, '/filter/colour'],
    [{ filter: { status: 'failed' }, cursor: 'x' }, '/query/cursor'],
  ])('%j is refused', async (body, path) => {
    for (const deed of ['retry', 'cancel']) {
      const answer = await service.call<{ errors: { path: string }[] }>('POST', `/v1/reminders/${deed}`, { body });
      expect([answer.status, answer.body.errors.map((error) => error.path)]).toEqual([400, [path]]);
    }
  });

  test('never reaches another tenant’s', async () => {
    const { id } = await service.remind();
    const other = await service.api.addTenant({ name: 'Other' });
    for (const filter of [{ id }, { customer: 'rossi' }, { dueDate: 'd1' }, { status: 'accepted' }, { q: 'bianchi' }]) {
      for (const dryRun of [true, false]) {
        expect(await bulk('cancel', { filter, dryRun }, other.key)).toMatchObject({ matched: 0, done: 0 });
      }
    }
    expect(await service.fates(id)).toEqual(['accepted']);
  });

  test('needs a key that may write', async () => {
    const key = await service.api.addKey({ scopes: ['reminders:read'] });
    const answer = await service.call('POST', '/v1/reminders/cancel', { body: { filter: { q: 'x' } }, key });
    expect(answer.status).toBe(403);
  });
});

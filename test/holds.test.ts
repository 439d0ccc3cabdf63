import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { TestApi } from './support/api.ts';
import { makeReminder, readReminder } from './support/made-reminders.ts';

let api: TestApi;
let due: string;
let count = 0;
beforeAll(async () => {
  api = await TestApi.start();
  await api.call('PUT', '/v1/customers/rossi', { body: { name: 'Rossi' } });
});
beforeEach(async () => {
  api.clock.set('2026-03-02T09:00:00Z');
  count += 1;
  due = `/v1/due-dates/d${count}`;
  const body = { customer: 'rossi', dueOn: '2026-02-20', amount: { value: '100.00', currency: 'EUR' } };
  await api.call('PUT', due, { body });
});
afterAll(async () => {
  await api.stop();
});

describe('a hold', () => {
  test('gives the due date its status until its last day has passed', async () => {
    const answer = await api.call('PUT', `${due}/hold`, {
      body: { reason: 'promised', until: '2026-03-10', note: 'by phone' },
    });
    expect(answer.headers.get('etag')).toBe('"v2"');
    expect(answer.body).toMatchObject({
      status: 'promised',
      hold: { reason: 'promised', until: '2026-03-10', note: 'by phone' },
    });
    // 23:30 in Rome, where the tenant is.
    api.clock.set('2026-03-10T22:30:00Z');
    expect((await api.call('GET', due)).body).toMatchObject({ status: 'promised', timing: 'overdue' });
    api.clock.set('2026-03-10T23:30:00Z');
    expect((await api.call('GET', due)).body).toMatchObject({ status: 'overdue', hold: null });
  });

  test('the same again changes nothing, and lifting it twice neither', async () => {
    const body = { reason: 'disputed' };
    await api.call('PUT', `${due}/hold`, { body });
    expect((await api.call('PUT', `${due}/hold`, { body })).headers.get('etag')).toBe('"v2"');
    expect((await api.call('DELETE', `${due}/hold`)).body).toMatchObject({ status: 'overdue', hold: null });
    expect((await api.call('DELETE', `${due}/hold`)).headers.get('etag')).toBe('"v3"');
  });

  test('leaves accepted reminders to the last look before the sending, and names those on their way', async () => {
    const waiting = await makeReminder(api, { dueDates: [`d${count}`], deliveries: ['accepted'] });
    const leaving = await makeReminder(api, { dueDates: [`d${count}`], deliveries: ['sending'] });
    const answer = await api.call('PUT', `${due}/hold`, { body: { reason: 'disputed' } });
    expect(answer.body['inFlight']).toEqual([leaving.shown]);
    expect((await readReminder(api, waiting.id)).status).toBe('accepted');
  });

  test.each([
    ['a last day that has passed', { reason: 'promised', until: '2026-03-01' }, '/until in-the-past'],
    ['a reason that is none', { reason: 'tired' }, '/reason invalid-value'],
    ['a day that does not exist', { reason: 'paused', until: '2026-02-29' }, '/until invalid-date'],
  ])('with %s is one clear problem', async (_, body, expected) => {
    const answer = await api.call<{ errors: { path: string; code: string }[] }>('PUT', `${due}/hold`, { body });
    expect(answer.status).toBe(400);
    expect(answer.body.errors.map((error) => `${error.path} ${error.code}`)).toEqual([expected]);
    expect((await api.call('GET', due)).body['hold']).toBeNull();
  });

  test('honours If-Match', async () => {
    const headers = { 'if-match': '"v7"' };
    expect((await api.call('PUT', `${due}/hold`, { body: { reason: 'paused' }, headers })).status).toBe(412);
    expect((await api.call('DELETE', `${due}/hold`, { headers })).status).toBe(412);
    expect((await api.call('POST', `${due}/void`, { headers })).status).toBe(412);
  });

  test('of a due date that is not there is not found', async () => {
    expect((await api.call('PUT', '/v1/due-dates/nothing/hold', { body: { reason: 'paused' } })).status).toBe(404);
    expect((await api.call('DELETE', '/v1/due-dates/nothing/hold')).status).toBe(404);
    expect((await api.call('POST', '/v1/due-dates/nothing/void')).status).toBe(404);
  });
});

describe('calling a due date off', () => {
  test('nothing is owed by it, for good, and its waiting reminders are canceled', async () => {
    const waiting = await makeReminder(api, { dueDates: [`d${count}`], deliveries: ['retrying'] });
    const answer = await api.call('POST', `${due}/void`);
    expect(answer.body).toMatchObject({ status: 'void', state: 'void', outstanding: { value: '0.00' }, inFlight: [] });
    expect((await readReminder(api, waiting.id)).deliveries).toEqual(['canceled void']);
    const again = await api.call('POST', `${due}/void`, { body: {} });
    expect([again.status, again.headers.get('etag')]).toEqual([200, answer.headers.get('etag')]);
  });
});

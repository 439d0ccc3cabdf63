import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { FieldError } from '../src/api/problems.ts';
import { TestService } from './support/service.ts';

type ProblemBody = { type: string; status: number; detail: string; errors?: FieldError[] };

let service: TestService;
beforeAll(async () => {
  service = await TestService.start();
  await service.addDueDate('paid');
  await service.call('POST', '/v1/due-dates/paid/payments', {
    body: { ref: 'p', amount: { value: '1220.00', currency: 'EUR' }, paidOn: '2026-02-25' },
  });
  await service.addDueDate('void');
  await service.call('POST', '/v1/due-dates/void/void');
  await service.addDueDate('payable', { direction: 'payable' });
  await service.put('/v1/customers/silent', { name: 'Silent' });
  await service.addDueDate('silent', { customer: 'silent' });
  await service.put('/v1/customers/landline', { name: 'Landline', phone: ['+390612345678'] });
  await service.addDueDate('landline', { customer: 'landline' });
  const other = await service.api.addTenant({ name: 'Other' });
  const theirs = { customer: { ref: 'c', name: 'C', email: ['c@other.example'] }, dueOn: '2026-03-01' };
  await service.call('PUT', '/v1/due-dates/theirs', {
    key: other.key,
    body: { ...theirs, amount: { value: '1.00', currency: 'EUR' } },
  });
  await service.call('PUT', '/v1/bank-accounts/theirs', {
    key: other.key,
    body: { holder: 'Other', iban: 'IT60X0542811101000000123456' },
  });
});
afterAll(async () => {
  await service.stop();
});

describe('an accepted reminder', () => {
  test('is stored with its deliveries, its first event and its unit of quota before the reply leaves', async () => {
    const before = await service.quota();
    const answer = await service.ask({ to: ['a@bianchi.example', 'b@bianchi.example'], metadata: { run: 7 } });
    expect(answer.status).toBe(202);
    expect(answer.headers.get('location')).toBe(`/v1/reminders/${answer.body.id}`);
    expect(answer.body).toEqual({
      id: expect.stringMatching(/^rem_[0-9a-z]{26}$/),
      status: 'accepted',
      dueDate: 'd1',
      dueDates: ['d1'],
      channel: 'email',
      origin: 'api',
      deliveries: ['a', 'b'].map((name) => ({
        id: expect.stringMatching(/^dlv_/),
        to: `${name}@bianchi.example`,
        status: 'accepted',
        reason: null,
      })),
      sendAt: '2026-03-02T09:00:00.000Z',
      createdAt: '2026-03-02T09:00:00.000Z',
    });
    expect(await service.reminder(answer.body.id)).toMatchObject({
      status: 'accepted',
      metadata: { run: 7 },
      priority: 5,
    });
    const { body: story } = await service.call<{ items: unknown[] }>('GET', `/v1/reminders/${answer.body.id}/events`);
    expect(story.items).toEqual([
      {
        at: '2026-03-02T09:00:00.000Z',
        type: 'accepted',
        reason: null,
        delivery: null,
        detail: { origin: 'api', sendAt: expect.any(String), deliveries: 2 },
      },
    ]);
    expect((await service.quota()).reserved).toBe(before.reserved + 1);
  });

  test('for later is not due before; for the past it is due now', async () => {
    await service.query("UPDATE sollecito.delivery SET status = 'canceled'");
    const later = await service.remind({ sendAt: '2026-03-02T12:00:00+02:00' });
    const past = await service.remind({ sendAt: '2020-01-01T00:00:00Z' });
    expect(later).toMatchObject({ sendAt: '2026-03-02T10:00:00.000Z' });
    expect(past).toMatchObject({ sendAt: '2026-03-02T09:00:00.000Z' });
    expect(await service.dispatch()).toHaveLength(1);
    service.clock.advance({ hours: 1 });
    expect(await service.dispatch()).toHaveLength(1);
    service.clock.set('2026-03-02T09:00:00Z');
  });

  test('of several due dates keeps their order, by ref or by id', async () => {
    await service.addDueDate('d2');
    const { body } = await service.call<{ id: string }>('GET', '/v1/due-dates/d1');
    const made = await service.remind({ dueDates: ['d2', body.id] });
    expect(made).toMatchObject({ dueDate: 'd2', dueDates: ['d2', 'd1'] });
  });

  test('by SMS goes to the mobile numbers alone, in E.164', async () => {
    const made = await service.remind({ channel: 'sms', to: ['333 765 4321', '0039 333 7654321'] });
    expect(made.deliveries.map(({ to }) => to)).toEqual(['+393337654321']);
    expect((await service.remind({ channel: 'sms' })).deliveries.map(({ to }) => to)).toEqual(['+393331234567']);
  });

  test('goes once to a mailbox that is named twice, whatever its capitals', async () => {
    const recipients = async (body: Record<string, unknown>) =>
      (await service.ask(body)).body.deliveries.map(({ to }) => to);
    const given = { to: ['Conti@a.example', 'conti@a.example'], cc: ['CONTI@a.example', 'x@a.example', 'X@a.example'] };
    expect(await recipients(given)).toEqual(['Conti@a.example', 'x@a.example']);
    await service.put('/v1/customers/twice', { name: 'Twice', email: ['Mario@a.example', 'mario@a.example'] });
    await service.addDueDate('twice', { customer: 'twice' });
    expect(await recipients({ dueDate: 'twice', cc: ['MARIO@a.example'] })).toEqual(['Mario@a.example']);
  });

  test('that overrides the policy stands in the audit log', async () => {
    await service.remind({ override: ['gap'] });
    const rows = await service.query("SELECT action, detail FROM sollecito.audit WHERE action = 'reminder.override'");
    expect(rows).toEqual([{ action: 'reminder.override', detail: { override: ['gap'] } }]);
  });
});

describe('a refused reminder', () => {
  let before: Record<string, number>;
  beforeEach(async () => {
    before = await service.rowCounts();
  });
  const refused = async (body: Record<string, unknown>): Promise<ProblemBody> => {
    const answer = await service.ask(body);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(await service.rowCounts()).toEqual(before);
    return answer.body as unknown as ProblemBody;
  };

  test.each([
    ['a due date that is paid', { dueDate: 'paid' }, 409, 'due-date-settled', '/dueDate'],
    ['a due date that is void', { dueDate: 'void' }, 409, 'due-date-void', '/dueDate'],
    ['a due date that is payable', { dueDate: 'payable' }, 409, 'not-receivable', '/dueDate'],
    ['a due date that is not there', { dueDate: 'nothing' }, 404, 'not-found', '/dueDate'],
    ['another tenant’s due date', { dueDate: 'theirs' }, 404, 'not-found', '/dueDate'],
    ['another tenant’s bank account', { bankAccount: 'theirs' }, 404, 'not-found', '/bankAccount'],
    ['one of several due dates', { dueDates: ['d1', 'paid'] }, 409, 'due-date-settled', '/dueDates/1'],
    ['a customer without an address', { dueDate: 'silent' }, 422, 'no-recipient', '/to'],
    ['a customer without a mobile', { dueDate: 'landline', channel: 'sms' }, 422, 'no-recipient', '/to'],
  ])('%s', async (_, body, status, problem, path) => {
    expect(await refused(body)).toMatchObject({
      status,
      type: `urn:sollecito:problem:${problem}`,
      errors: [{ path, code: problem }],
    });
  });

  test.each<[string, Record<string, unknown>, string]>([
    ['an unknown field', { colour: 'red' }, '/colour unknown-field'],
    ['no due date', { dueDate: undefined }, '/dueDate required'],
    ['both kinds of due dates', { dueDate: 'd1', dueDates: ['d1'] }, '/dueDate unexpected'],
    ['no channel', { channel: undefined }, '/channel required'],
    ['a channel that is none', { channel: 'fax' }, '/channel invalid-value'],
    ['a wrong type', { priority: '5' }, '/priority wrong-type'],
    ['a priority out of range', { priority: 10 }, '/priority too-big'],
    ['an address with a line break', { to: ['a@b.example\r\nBcc: c@d.example'] }, '/to/0 invalid-email'],
    ['an address with a control character', { to: ['ok@b.example', 'a\u0000@b.example'] }, '/to/1 invalid-email'],
    ['an address with a name', { to: ['Rossi <a@b.example>'] }, '/to/0 invalid-email'],
    ['a copy to what is no address', { cc: ['nobody'] }, '/cc/0 invalid-email'],
    ['a phone that is no mobile', { channel: 'sms', to: ['+390612345678'] }, '/to/0 invalid-mobile'],
    ['a phone that is no number', { channel: 'sms', to: ['call me'] }, '/to/0 invalid-mobile'],
    ['nobody', { to: [] }, '/to too-small'],
    ['more than ten recipients', { to: Array.from({ length: 11 }, (_, n) => `a${n}@b.example`) }, '/to too-big'],
    ['a subject of two lines', { subject: 'one\ntwo' }, '/subject invalid-text'],
    ['an unknown placeholder', { message: '{{ outstandng }}' }, '/message unknown-placeholder'],
    ['other tags', { message: '{% include "x" %}' }, '/message unsupported-syntax'],
    ['a day for an instant', { sendAt: '2026-03-02' }, '/sendAt invalid-instant'],
    ['a day that does not exist', { sendAt: '2026-02-30T10:00:00Z' }, '/sendAt invalid-instant'],
    ['an override of nothing', { override: ['hold'] }, '/override/0 invalid-value'],
    ['a due date named twice', { dueDates: ['d1', 'd1'] }, '/dueDates invalid'],
    ['due dates of two customers', { dueDates: ['d1', 'silent'] }, '/dueDates invalid'],
  ])('for %s, with the path of the field', async (_, body, expected) => {
    const problem = await refused(body);
    expect(problem).toMatchObject({ status: 400, type: 'urn:sollecito:problem:invalid-request' });
    expect(problem.errors?.map(({ path, code }) => `${path} ${code}`)).toEqual([expected]);
  });

  test.each([
    ['nothing', undefined],
    ['a list', []],
    ['a number', 7],
    ['null', null],
  ])('%s for a body is one clear problem', async (_, body) => {
    const answer = await service.call('POST', '/v1/reminders', { body, headers: { 'idempotency-key': 'k' } });
    expect(answer.status).toBe(400);
    expect(await service.rowCounts()).toEqual(before);
  });

  test('a channel that is not set up is refused by name', async () => {
    const channels = service.api.parts.channels as Set<string>;
    channels.delete('sms');
    try {
      expect(await refused({ channel: 'sms' })).toMatchObject({ type: 'urn:sollecito:problem:channel-not-configured' });
    } finally {
      channels.add('sms');
    }
  });

  test('a hold and an exclusion are no reason: the last look judges them', async () => {
    await service.call('PUT', '/v1/due-dates/d1/hold', { body: { reason: 'disputed' } });
    await service.call('PATCH', '/v1/customers/rossi', { body: { doNotRemind: true } });
    expect((await service.ask()).status).toBe(202);
    await service.call('DELETE', '/v1/due-dates/d1/hold');
    await service.call('PATCH', '/v1/customers/rossi', { body: { doNotRemind: false } });
  });

  test('too soon after the last one, where the tenant’s gap binds callers, unless overridden or for later', async () => {
    await service.call('PATCH', '/v1/tenant', { body: { contactGapDays: 3, bindsCallers: true } });
    await service.query("UPDATE sollecito.delivery SET status = 'canceled'");
    await service.addDueDate('gap');
    await service.remind({ dueDate: 'gap' });
    expect(await service.sendDue()).toBe(1);
    before = await service.rowCounts();
    expect(await refused({ dueDate: 'gap' })).toMatchObject({
      status: 409,
      type: 'urn:sollecito:problem:recently-reminded',
    });
    expect((await service.ask({ dueDate: 'gap', channel: 'sms' })).status).toBe(202);
    expect((await service.ask({ dueDate: 'gap', override: ['gap'] })).status).toBe(202);
    expect((await service.ask({ dueDate: 'gap', sendAt: '2026-03-05T09:00:00+01:00' })).status).toBe(202);
    expect((await service.ask({ dueDate: 'd1' })).status).toBe(202);
    await service.call('PATCH', '/v1/tenant', { body: { contactGapDays: 0, bindsCallers: false } });
    expect((await service.ask({ dueDate: 'gap' })).status).toBe(202);
  });
});

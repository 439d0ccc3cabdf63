import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { maxAttempts, maxPrepareFailures } from '../src/domain/retry.ts';
import { TestService } from './support/service.ts';

let service: TestService;
beforeAll(async () => {
  service = await TestService.start();
});
beforeEach(async () => {
  service.clock.set('2026-03-02T09:00:00Z');
  await service.calm();
  service.errors.length = 0;
  await service.query("UPDATE sollecito.delivery SET status = 'canceled' WHERE status <> 'sent'");
});
afterAll(async () => {
  await service.stop();
});

async function waitsFor(id: string): Promise<number> {
  const [delivery] = (await service.reminder(id)).deliveries;
  const next = Temporal.Instant.from(delivery?.nextAttemptAt ?? expect.fail('nothing is planned'));
  return next.since(service.clock.now()).total('milliseconds');
}

describe('a hand-over that is put off', () => {
  test('is tried again after ever longer waits, and given up as a dead letter', async () => {
    service.smtp.fail('rcpt', { kind: 'reply', line: '451 4.3.0 later' });
    const { id } = await service.remind();
    const waits: number[] = [];
    for (let attempt = 1; attempt < maxAttempts; attempt++) {
      await service.sendDue();
      waits.push(await waitsFor(id));
      service.clock.advance({ milliseconds: waits.at(-1) ?? 0 });
    }
    expect(waits.map((ms) => ms / 1_000)).toEqual([5, 10, 20, 40, 80, 160, 320, 640, 1_280, 2_560, 3_600]);
    await service.sendDue();
    expect(await service.fates(id)).toEqual(['failed exhausted']);
    expect(await service.sendDue()).toBe(0);
    const [row] = await service.query("SELECT attempts FROM sollecito.delivery WHERE reason = 'exhausted'");
    expect(row).toEqual({ attempts: maxAttempts });
    // A person's retry begins anew.
    await service.calm();
    await service.call('POST', `/v1/reminders/${id}/retry`);
    await service.sendDue();
    expect(await service.fates(id)).toEqual(['sent']);
  });

  test('waits as long as the provider wishes', async () => {
    service.sms.fail({ kind: 'http', status: 429, headers: { 'Retry-After': '120' } }, { times: 1 });
    const { id } = await service.remind({ channel: 'sms' });
    await service.sendDue('sms');
    expect(await service.fates(id)).toEqual(['retrying rate-limited']);
    expect(await waitsFor(id)).toBe(120_000);
  });

  test('tells why in an event, and keeps the provider’s words to itself', async () => {
    service.smtp.fail('rcpt', { kind: 'reply', line: '451 4.7.1 conti@bianchi.example is greylisted' }, { times: 1 });
    const { id } = await service.remind();
    await service.sendDue();
    const { body } = await service.call<{ items: unknown[] }>('GET', `/v1/reminders/${id}/events`);
    expect(body.items.at(-1)).toMatchObject({
      type: 'retrying',
      reason: 'recipient-deferred',
      detail: { attempt: 1, code: '451' },
    });
    expect(JSON.stringify(body)).not.toContain('greylisted');
    const [event] = await service.query<{ private_detail: { response: string } }>(
      "SELECT private_detail FROM sollecito.event WHERE type = 'retrying' ORDER BY id DESC LIMIT 1",
    );
    expect(event?.private_detail.response).toContain('greylisted');
  });
});

describe('the time of a hand-over', () => {
  test.each([
    ['before the body left, it is tried again', 'rcpt', 'retrying deadline'],
    ['after it, its fate is unknown', 'afterBody', 'unknown no-answer'],
  ] as const)('is up: %s', async (_, step, fate) => {
    service.smtp.fail(step, { kind: 'silence' });
    const { id } = await service.remind();
    await service.sendDue('email', { sendTimeoutMs: 300 });
    expect(await service.fates(id)).toEqual([fate]);
  });

  test('is looked at again right before the message leaves', async () => {
    const { id } = await service.remind();
    const { reached, release } = service.smtp.hold('rcpt');
    const sending = service.sendDue();
    await reached;
    service.clock.advance({ minutes: 1 });
    const before = service.smtp.bodyBytes;
    release('250 ok');
    await sending;
    expect(await service.fates(id)).toEqual(['retrying deadline']);
    expect(service.smtp.bodyBytes).toBe(before);
  });
});

describe('a message that cannot be prepared', () => {
  test('is put back with growing waits, and given up after a number of failures of its own', async () => {
    const desk = await service.desk('email');
    const prepare = async (): Promise<never> => {
      throw Object.assign(new Error('conti@bianchi.example'), { code: 'EBROKEN' });
    };
    const broken = { channel: 'email', prepare, reserve: desk.reserve.bind(desk) } as const;
    const { id } = await service.remind();
    for (let failure = 1; failure < maxPrepareFailures; failure++) {
      await service.sendDue('email', { desk: broken });
      expect(await service.fates(id)).toEqual(['accepted not-preparable']);
      service.clock.advance({ milliseconds: await waitsFor(id) });
    }
    await service.sendDue('email', { desk: broken });
    expect(await service.fates(id)).toEqual(['failed not-preparable']);
    const [row] = await service.query(
      "SELECT attempts, claim_no, prepare_failures FROM sollecito.delivery WHERE reason = 'not-preparable'",
    );
    expect(row).toEqual({ attempts: 0, claim_no: 0, prepare_failures: maxPrepareFailures });
  });

  test('because of its own text fails at once', async () => {
    const { id } = await service.remind({ channel: 'sms', message: '{{ dueDates }} '.repeat(60) });
    await service.sendDue('sms');
    expect(await service.fates(id)).toEqual(['failed not-preparable']);
    const [event] = await service.query(
      "SELECT detail FROM sollecito.event WHERE reason = 'not-preparable' ORDER BY id DESC LIMIT 1",
    );
    expect(event).toEqual({ detail: { code: 'too-long' } });
  });

  test('for want of its document waits for it', async () => {
    const { id } = await service.remind({ attachDocument: true });
    const worker = await service.worker('email');
    for (const item of await service.dispatch()) await service.run(item, worker);
    expect(await service.fates(id)).toEqual(['accepted not-preparable']);
    const [event] = await service.query(
      "SELECT detail FROM sollecito.event WHERE reason = 'not-preparable' ORDER BY id DESC LIMIT 1",
    );
    expect(event).toEqual({ detail: { code: 'document-missing', failures: 1 } });
  });
});

describe('an email', () => {
  const headers = (raw: string): string => raw.slice(0, raw.indexOf('\r\n\r\n')).replaceAll(/\r\n[ \t]+/g, ' ');

  test('carries the sender, the copies and the answer address that were asked for, and its reminder’s id', async () => {
    await service.patch('/v1/tenant', {
      sender: { email: 'conti@rossi.example', name: 'Officine' },
      replyTo: 'risposte@rossi.example',
    });
    const { id, deliveries } = await service.remind({
      cc: ['capo@bianchi.example'],
      subject: 'Promemoria {{ documentNumber }}',
    });
    const taken = service.smtp.messages.length;
    await service.sendDue();
    const mails = service.smtp.messages.slice(taken);
    const mail = mails.find(({ to }) => to.includes('conti@bianchi.example'));
    expect(mail?.from).toBe(`reminders+${deliveries[0]?.id}@example.com`);
    expect(mail?.to).toEqual(['conti@bianchi.example']);
    // A copy is a delivery too: the same heads, an envelope of its own.
    const copy = mails.find(({ to }) => to.includes('capo@bianchi.example'));
    expect(headers(copy?.raw ?? '')).toContain('\r\nTo: conti@bianchi.example\r\nCc: capo@bianchi.example');
    expect(mails).toHaveLength(2);
    const head = headers(mail?.raw ?? '');
    expect(head).toContain('From: Officine <conti@rossi.example>');
    expect(head).toContain('Cc: capo@bianchi.example');
    expect(head).toContain('Reply-To: risposte@rossi.example');
    expect(head).toContain('Subject: Promemoria 2026/d1');
    expect(head).toContain(`Message-ID: <${id}.0.0@example.com>`);
    expect(head).toContain(`X-Sollecito-Reminder: ${id}`);
    expect(head).toContain('Auto-Submitted: auto-generated');
    expect(head).not.toContain('Bcc');
  });

  test('to several has an envelope and an id of its own for each', async () => {
    const taken = service.smtp.messages.length;
    const { id } = await service.remind({ to: ['a@bianchi.example', 'b@bianchi.example'] });
    await service.sendDue();
    const mails = service.smtp.messages.slice(taken).sort((a, b) => (a.to[0] ?? '').localeCompare(b.to[0] ?? ''));
    expect(mails.map(({ to }) => to)).toEqual([['a@bianchi.example'], ['b@bianchi.example']]);
    expect(mails.map(({ raw }) => /^Message-ID: (.*)\r$/m.exec(raw)?.[1])).toEqual([
      `<${id}.0.0@example.com>`,
      `<${id}.1.0@example.com>`,
    ]);
    expect(mails[0]?.raw).not.toContain('b@bianchi.example');
  });
});

describe('an SMS', () => {
  test('is handed over under its delivery’s name, from the tenant’s sender', async () => {
    await service.patch('/v1/tenant', { smsSender: 'Officine' });
    const { id, deliveries } = await service.remind({ channel: 'sms' });
    await service.sendDue('sms');
    expect(await service.fates(id)).toEqual(['sent']);
    expect(service.sms.messages.at(-1)).toMatchObject({
      to: '+393331234567',
      from: 'Officine',
      idx: `${deliveries[0]?.id}-0`,
    });
  });

  test.each([
    [13, 'failed recipient-refused'],
    [103, 'retrying insufficient-credit'],
    [999, 'retrying provider-error'],
  ])('that is refused with error %i', async (number, fate) => {
    service.sms.fail({ kind: 'error', number }, { times: 1 });
    const { id } = await service.remind({ channel: 'sms' });
    await service.sendDue('sms');
    expect(await service.fates(id)).toEqual([fate]);
  });
});

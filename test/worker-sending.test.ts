import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isMissing, QueueMachine } from './support/queue-machine.ts';
import { withoutChromium } from './support/browser.ts';
import { patience, TestService } from './support/service.ts';

describe.each(['postgres', 'redis'] as const)('with its jobs in %s', (kind) => {
  describe.skipIf(isMissing(kind))('a reminder', () => {
    let service: TestService;
    let machine: QueueMachine;
    beforeEach(async () => {
      service = await TestService.start();
      machine = await QueueMachine.start(service, kind, 11);
    });
    afterEach(async () => {
      await machine.stop();
      await service.stop();
    });

    test.skipIf(withoutChromium)('by email goes out with its PDF, by SMS with a link to the same PDF', async () => {
      await machine.addProcess();
      const email = await service.remind({ attachDocument: true });
      const sms = await service.remind({ attachDocument: true, channel: 'sms' });
      await service.until(email.id, ['sent']);
      await service.until(sms.id, ['sent']);
      const [mail] = service.smtp.messages;
      expect(mail?.to).toEqual(['conti@bianchi.example']);
      expect(mail?.from).toBe(`reminders+${email.deliveries[0]?.id}@example.com`);
      expect(mail?.raw).toContain('Content-Type: application/pdf');
      const attached = /Content-Type: application\/pdf[^]*?\r\n\r\n([A-Za-z0-9+/=\r\n]+)/.exec(mail?.raw ?? '')?.[1];
      const pdf = Buffer.from(attached ?? '', 'base64');
      expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
      const token = /\/d\/([\w-]+)/.exec(service.sms.messages[0]?.text ?? '')?.[1];
      const stored = await service.query<{ bytes: Buffer }>('SELECT bytes FROM sollecito.document');
      expect(stored).toHaveLength(1);
      expect(stored[0]?.bytes.equals(pdf)).toBe(true);
      expect(token).toHaveLength(38);
      expect(service.settled.sort()).toEqual(['email sent', 'sms sent']);
      expect(service.errors).toEqual([]);
    });

    test('many more than the window holds, each once and to the right address', async () => {
      const to = Array.from({ length: 120 }, (_, n) => `r${n}@bianchi.example`);
      const reminders = to.map((address) => ({
        idempotencyKey: address,
        dueDate: 'd1',
        channel: 'email',
        to: [address],
        attachDocument: false,
      }));
      await machine.addProcess();
      await machine.addProcess();
      await service.call('POST', '/v1/reminders/batch', { body: { reminders } });
      await expect.poll(() => service.smtp.messages.length, patience).toBe(120);
      expect(to.map((address) => service.smtp.taken.get(address))).toEqual(to.map(() => 1));
      await expect.poll(async () => (await service.quota()).used, patience).toBe(120);
    });

    test('to two recipients of which one is refused for now: the other is sent once, and only the one is tried again', async () => {
      await machine.addProcess();
      service.smtp.fail('rcpt', { kind: 'reply', line: '451 4.7.1 later' }, { recipient: 'b@verdi.example', times: 1 });
      const { id } = await service.remind({ to: ['a@bianchi.example', 'b@verdi.example'] });
      await service.until(id, ['sent', 'retrying recipient-deferred']);
      const shown = await service.reminder(id);
      expect(shown).toMatchObject({
        status: 'retrying',
        deliveries: [{ nextAttemptAt: null }, { nextAttemptAt: '2026-03-02T09:00:05.000Z' }],
      });
      service.clock.advance({ seconds: 5 });
      await service.until(id, ['sent', 'sent']);
      expect(Object.fromEntries(service.smtp.taken)).toEqual({ 'a@bianchi.example': 1, 'b@verdi.example': 1 });
    });

    test('refused for good fails, and what its fate is unknown of is left alone', async () => {
      await machine.addProcess();
      service.smtp.fail('rcpt', { kind: 'reply', line: '550 5.1.1 no such user' }, { recipient: 'a@bianchi.example' });
      service.smtp.fail('afterBody', { kind: 'drop' }, { recipient: 'b@bianchi.example' });
      const { id } = await service.remind({ to: ['a@bianchi.example', 'b@bianchi.example'] });
      await service.until(id, ['failed recipient-refused', 'unknown connection-lost']);
      service.clock.advance({ hours: 100 });
      await machine.reconciler.round();
      expect(await service.fates(id)).toEqual(['failed recipient-refused', 'unknown connection-lost']);
      expect(service.smtp.taken.get('b@bianchi.example')).toBe(1);
    });

    test('waits while the mail server is down, and goes out when it returns', async () => {
      await service.smtp.stop();
      await machine.addProcess();
      const { id } = await service.remind();
      await service.until(id, ['accepted provider-unavailable']);
      service.clock.advance({ seconds: 10 });
      await expect
        .poll(async () => service.query("SELECT FROM sollecito.event WHERE type = 'queued'"), patience)
        .toHaveLength(2);
      await service.until(id, ['accepted provider-unavailable']);
      const [row] = await service.query('SELECT attempts, claim_no FROM sollecito.delivery');
      expect(row).toEqual({ attempts: 0, claim_no: 0 });
      await service.smtp.start();
      service.clock.advance({ seconds: 10 });
      await service.until(id, ['sent']);
    });

    test('an SMS of unknown fate is proved by its repeat', async () => {
      await machine.addProcess();
      service.sms.fail({ kind: 'drop', when: 'taken' }, { times: 1 });
      const { id } = await service.remind({ channel: 'sms' });
      await service.until(id, ['unknown connection-lost']);
      service.clock.advance({ minutes: 1 });
      await service.until(id, ['sent taken-before']);
      expect(service.sms.messages).toHaveLength(1);
    });

    test('that a person has resolved to be sent again is sent exactly once more', async () => {
      await machine.addProcess();
      service.smtp.fail('afterBody', { kind: 'drop' }, { times: 1 });
      const { id } = await service.remind();
      await service.until(id, ['unknown connection-lost']);
      await service.call('POST', `/v1/reminders/${id}/resolve`, { body: { outcome: 'resend' } });
      await service.until(id, ['sent']);
      expect(service.smtp.messages).toHaveLength(2);
      expect(service.smtp.messages[1]?.raw).toMatch(/^X-Sollecito-Resend: 1\r$/m);
    });

    test('whose preparing breaks is tried by the queue, then put back', async () => {
      let tries = 0;
      const desk = await service.changingDesk('email', async () => undefined);
      const prepare = async (): Promise<never> => {
        tries++;
        throw Object.assign(new Error('conti@bianchi.example'), { code: 'EBROKEN' });
      };
      await machine.addProcess({ email: { desk: { ...desk, prepare } } });
      const { id } = await service.remind();
      await service.until(id, ['accepted not-preparable']);
      expect(tries).toBe(4);
      const rows = await service.query("SELECT detail FROM sollecito.event WHERE reason = 'not-preparable'");
      expect(rows).toEqual([{ detail: { code: 'EBROKEN', failures: 1 } }]);
    });
  });
});

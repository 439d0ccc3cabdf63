import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { newId } from '../src/domain/ids.ts';
import { TestService } from './support/service.ts';

let service: TestService;
let due: string;
let count = 0;
beforeAll(async () => {
  service = await TestService.start();
});
beforeEach(async () => {
  service.clock.set('2026-03-02T09:00:00Z');
  service.smtp.behave();
  await service.query("UPDATE sollecito.delivery SET status = 'canceled' WHERE status <> 'sent'");
  await service.query('DELETE FROM sollecito.pause');
  await service.query('DELETE FROM sollecito.send_limit');
  await service.patch('/v1/tenant', { contactGapDays: 0, bindsCallers: false, quietHours: null });
  count += 1;
  due = `due${count}`;
  await service.addDueDate(due);
});
afterAll(async () => {
  await service.stop();
});

describe('what puts a claim off', () => {
  test('a pause made since the dispatch: until its end', async () => {
    const { id } = await service.remind({ dueDate: due });
    const pause = async () =>
      service.query(
        "INSERT INTO sollecito.pause (id, owner, reason, until, created_at) VALUES ($1, 'test', 'test', '2026-03-02T10:00:00Z', now())",
        [newId('pause')],
      );
    await service.sendDue('email', { desk: await service.changingDesk('email', pause) });
    expect(await service.reminder(id)).toMatchObject({
      status: 'accepted',
      deliveries: [{ reason: 'paused', nextAttemptAt: '2026-03-02T10:00:00.000Z' }],
    });
    service.clock.set('2026-03-02T10:00:00Z');
    await service.sendDue();
    expect(await service.fates(id)).toEqual(['sent']);
  });

  test('no token left at the provider: the next ones follow at its pace', async () => {
    await service.query(
      "INSERT INTO sollecito.send_limit (id, channel, per_second, updated_at) VALUES (uuidv7(), 'email', 2, now())",
    );
    const made = await Promise.all(Array.from({ length: 5 }, async () => service.remind({ dueDate: due })));
    const told = async (): Promise<string[]> =>
      (await Promise.all(made.map(({ id }) => service.fates(id)))).flat().sort();
    await service.sendDue();
    expect(await told()).toEqual([...Array.from({ length: 3 }, () => 'accepted'), 'sent', 'sent']);
    expect(await service.sendDue()).toBe(0);
    service.clock.advance({ milliseconds: 500 });
    await service.sendDue();
    expect((await told()).filter((fate) => fate === 'sent')).toHaveLength(3);
    service.clock.advance({ seconds: 1 });
    await service.sendDue();
    expect((await told()).filter((fate) => fate === 'sent')).toHaveLength(5);
  });

  test('quiet hours: until they end, unless overridden', async () => {
    await service.patch('/v1/tenant', { quietHours: { from: '09:00', to: '12:00' }, bindsCallers: true });
    const [{ id }, urgent] = [
      await service.remind({ dueDate: due }),
      await service.remind({ dueDate: due, override: ['quietHours'] }),
    ];
    await service.sendDue();
    expect(await service.fates(urgent.id)).toEqual(['sent']);
    expect(await service.reminder(id)).toMatchObject({
      deliveries: [{ status: 'accepted', reason: 'quiet-hours', nextAttemptAt: '2026-03-02T11:00:00.000Z' }],
    });
  });

  test('the contact gap: of two reminders at the same moment one goes, the other waits', async () => {
    await service.patch('/v1/tenant', { contactGapDays: 3, bindsCallers: true });
    for (let time = 0; time < 10; time++) {
      await service.addDueDate(`${due}-${time}`);
      const [a, b] = [
        await service.remind({ dueDate: `${due}-${time}` }),
        await service.remind({ dueDate: `${due}-${time}` }),
      ];
      const sms = await service.remind({ dueDate: `${due}-${time}`, channel: 'sms' });
      await Promise.all([service.sendDue(), service.sendDue('sms')]);
      const fates = [...(await service.fates(a.id)), ...(await service.fates(b.id))].sort();
      expect(fates).toEqual(['accepted contact-gap', 'sent']);
      expect(await service.fates(sms.id)).toEqual(['sent']);
    }
  });

  test('a hand-over whose fate is unknown counts as a contact, one that failed does not', async () => {
    await service.patch('/v1/tenant', { contactGapDays: 3, bindsCallers: true });
    const [first, second] = [await service.remind({ dueDate: due }), await service.remind({ dueDate: due })];
    service.smtp.fail('afterBody', { kind: 'drop' }, { times: 1 });
    await service.sendDue();
    expect([...(await service.fates(first.id)), ...(await service.fates(second.id))].sort()).toEqual([
      'accepted contact-gap',
      'unknown connection-lost',
    ]);
    const unknown = (await service.reminder(first.id)).status === 'unknown' ? first : second;
    await service.call('POST', `/v1/reminders/${unknown.id}/resolve`, { body: { outcome: 'failed' } });
    service.clock.set('2026-03-05T09:00:00Z');
    await service.sendDue();
    expect((await service.reminder(unknown === first ? second.id : first.id)).status).toBe('sent');
  });
});

import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { TestService } from './support/service.ts';

let service: TestService;
beforeAll(async () => {
  service = await TestService.start();
  await service.addDueDate('due1');
});
afterAll(async () => {
  await service.stop();
});

/** PostgreSQL goes away around the next transaction: after its commit, or before it. */
function loseNext(when: 'committed' | 'rolled back'): void {
  const whole = service.database.transaction.bind(service.database);
  vi.spyOn(service.database, 'transaction').mockImplementationOnce(async (work) => {
    const lost = new Error('Connection terminated unexpectedly');
    if (when === 'committed') await whole(work);
    throw lost;
  });
}

test.each(['committed', 'rolled back'] as const)(
  'a claim whose answer was lost, and which was %s, is given back and sent once',
  async (when) => {
    const to = `${when.replace(' ', '-')}@bianchi.example`;
    const { id } = await service.remind({ dueDate: 'due1', to: [to] });
    const [item] = await service.dispatch();
    if (!item) throw new Error('nothing was dispatched');
    loseNext(when);
    await service.run(item, await service.worker('email'));
    const [fate] = await service.fates(id);
    expect(fate).toBe(when === 'committed' ? 'retrying claim-unanswered' : 'accepted database-unavailable');
    expect(service.smtp.taken.get(to)).toBeUndefined();
    service.clock.advance({ seconds: 30 });
    await service.sendDue();
    expect(await service.fates(id)).toEqual(['sent']);
    expect(service.smtp.taken.get(to)).toBe(1);
  },
);

import { afterAll, describe, expect, test } from 'vitest';
import { isMissing } from './support/queue-machine.ts';
import type { ShownReminder } from './support/service.ts';
import { WholeService } from './support/whole-service.ts';

const running: WholeService[] = [];
afterAll(async () => {
  await Promise.all(running.splice(0).map(async (service) => service.stop()));
});

/** A service whose workers run in processes of their own. */
async function startService(kind: 'postgres' | 'redis'): Promise<WholeService> {
  const service = await WholeService.start(kind, 12, { SOLLECITO_ROLES: 'api,dispatcher', SEND_TIMEOUT_MS: '1000' });
  running.push(service);
  await service.call('PUT', '/v1/due-dates/d1', {
    customer: { ref: 'rossi', name: 'Rossi' },
    dueOn: '2026-02-20',
    amount: { value: '1220.00', currency: 'EUR' },
  });
  return service;
}

async function post(service: WholeService, to: string): Promise<string> {
  const body = { dueDate: 'd1', channel: 'email', to: [to], attachDocument: false };
  return (await service.call<ShownReminder>('POST', '/v1/reminders', body)).id;
}

describe.concurrent.each(['postgres', 'redis'] as const)('with its jobs in %s, a worker process is killed', (kind) => {
  test.skipIf(isMissing(kind))(
    'between preparing and claiming: another sends it, once; between claiming and settling: unknown, never sent again',
    async () => {
      const service = await startService(kind);
      const { smtp } = service;
      const claimed = smtp.hold('afterBody', { recipient: 'claimed@bianchi.example' });
      const doomed = service.spawn('worker:email');
      const handedOver = await post(service, 'claimed@bianchi.example');
      await claimed.reached;
      // The next one finds no connection at rest, and none that opens: it is prepared, and never claimed.
      smtp.fail('greeting', { kind: 'silence' });
      const connecting = smtp.reached('greeting');
      const prepared = await post(service, 'prepared@bianchi.example');
      await connecting;
      await doomed.kill();
      expect(await service.fates(handedOver)).toEqual(['sending']);
      expect(await service.fates(prepared)).toEqual(['queued']);
      // The server had the whole message, and nobody is left who could hear of it.
      claimed.release('250 ok');
      smtp.behave();
      service.spawn('worker:email');
      await service.until(prepared, ['sent']);
      await service.until(handedOver, ['unknown claim-expired']);
      const after = await post(service, 'after@bianchi.example');
      await service.until(after, ['sent']);
      expect(Object.fromEntries(smtp.taken)).toEqual({
        'claimed@bianchi.example': 1,
        'prepared@bianchi.example': 1,
        'after@bianchi.example': 1,
      });
      expect(await service.fates(handedOver)).toEqual(['unknown claim-expired']);
    },
    120_000,
  );
});

import { Redis } from 'ioredis';
import { Client } from 'pg';
import { afterEach, describe, expect, test } from 'vitest';
import { isMissing } from './support/queue-machine.ts';
import { patience, type ShownReminder } from './support/service.ts';
import { WholeService } from './support/whole-service.ts';

/** Everything seeded that names a person, a firm, an address, a number or an account. */
const seeded = [
  'Serafina Quagliotti',
  'Quagliotti',
  'serafina@quagliotti.example',
  'quagliotti.example',
  'capo@quagliotti.example',
  '+393339876543',
  '393339876543',
  '3339876543',
  '339 876',
  'IT40S0542811101000000123456',
  '40S0542811101',
  'Tesoreria Zanzotto',
  'PEC-ZANZOTTO',
  'a very private remark',
];

let service: WholeService | undefined;
afterEach(async () => {
  await service?.stop();
  service = undefined;
});

describe.each(['postgres', 'redis'] as const)('with its jobs in %s', (kind) => {
  test.skipIf(isMissing(kind))(
    'nothing that names a person leaves PostgreSQL for the queue, the log or the metrics',
    async () => {
      // No browser: documents cannot be rendered, so that jobs fail too.
      service = await WholeService.start(kind, 15, { CHROMIUM_PATH: '/nowhere/serafina@quagliotti.example' });
      await seed(service);
      const fates = await sendIntoTrouble(service);
      await expect
        .poll(async () => Promise.all(Object.keys(fates).map(async (id) => service?.fates(id))), patience)
        .toEqual(Object.values(fates));
      await askBadly(service);
      const metrics = await service.call<string>('GET', '/metrics');
      const places = { queue: await queueContent(service), log: service.logLines.join(''), metrics: metrics };
      // There is something to look at in each.
      expect(places.queue).toContain('deliveryId');
      expect(places.queue).toContain('chromium-missing');
      expect(places.log).toContain('a part failed and goes on');
      expect(places.metrics).toContain('sollecito_deliveries_sent_total');
      for (const [place, content] of Object.entries(places)) {
        const text = content.toLowerCase();
        expect(
          seeded.filter((secret) => text.includes(secret.toLowerCase())),
          place,
        ).toEqual([]);
      }
    },
  );
});

async function seed(running: WholeService): Promise<void> {
  const put = async (at: string, body: unknown): Promise<unknown> => running.call('PUT', at, body);
  await put('/v1/bank-accounts/zanzotto', {
    holder: 'Tesoreria Zanzotto',
    iban: 'IT40S0542811101000000123456',
    default: true,
  });
  await put('/v1/due-dates/d1', {
    customer: {
      // A ref may be an address as well: it stands in the paths of requests.
      ref: 'serafina@quagliotti.example',
      name: 'Serafina Quagliotti',
      email: ['serafina@quagliotti.example'],
      phone: ['+393339876543'],
    },
    document: { number: 'PEC-ZANZOTTO' },
    dueOn: '2026-02-20',
    amount: { value: '1220.00', currency: 'EUR' },
  });
}

/** Reminders that meet every kind of trouble, each told by the provider with the recipient's address. */
async function sendIntoTrouble(running: WholeService): Promise<Record<string, string[]>> {
  const { smtp, sms } = running;
  const post = async (more: Record<string, unknown>): Promise<string> => {
    const body = { dueDate: 'd1', channel: 'email', attachDocument: false, message: 'a very private remark', ...more };
    return (await running.call<ShownReminder>('POST', '/v1/reminders', body)).id;
  };
  const at = (name: string): string => `${name}@quagliotti.example`;
  const told = 'serafina@quagliotti.example (Quagliotti) is not known here';
  smtp.fail('rcpt', { kind: 'reply', line: `550 5.1.1 ${told}` }, { recipient: at('refused') });
  smtp.fail('rcpt', { kind: 'reply', line: `451 4.7.1 ${told}` }, { recipient: at('deferred') });
  smtp.fail('afterBody', { kind: 'drop' }, { recipient: at('lost') });
  sms.fail({ kind: 'error', number: 13, message: 'no valid number: +393339876543' }, { recipient: '+393331112222' });
  return {
    [await post({ cc: ['capo@quagliotti.example'], subject: 'Serafina Quagliotti' })]: ['sent', 'sent'],
    [await post({ to: [at('refused')] })]: ['failed recipient-refused'],
    [await post({ to: [at('deferred')] })]: ['retrying recipient-deferred'],
    [await post({ to: [at('lost')] })]: ['unknown connection-lost'],
    [await post({ channel: 'sms' })]: ['sent'],
    [await post({ channel: 'sms', to: ['+393331112222'] })]: ['failed recipient-refused'],
    [await post({ attachDocument: true })]: ['accepted not-preparable'],
    [await post({ channel: 'sms', message: `a very private remark${' {{ dueDates }}'.repeat(60)}` })]: [
      'failed not-preparable',
    ],
  };
}

/** Requests that are refused, break, or carry what is private in their address. */
async function askBadly(running: WholeService): Promise<void> {
  const ask = async (method: string, at: string, body?: unknown): Promise<void> => {
    await running.call(method, at, body).catch(() => undefined);
  };
  const address = encodeURIComponent('serafina@quagliotti.example');
  await ask('GET', `/v1/customers/${address}`);
  await ask('GET', `/v1/customers/${address}x`);
  await ask('GET', `/v1/reminders?q=${address}`);
  await ask('GET', `/v1/due-dates?q=Quagliotti&nonsense=${address}`);
  await ask('GET', `/nowhere/${address}`);
  await ask('POST', '/v1/reminders', { dueDate: 'd1', channel: 'sms', to: ['serafina@quagliotti.example'] });
  await ask('POST', '/v1/reminders', { 'serafina@quagliotti.example': 1 });
  await ask('PUT', '/v1/bank-accounts/x', { holder: 'Tesoreria Zanzotto', iban: 'IT40S0542811101000000123457' });
  await ask('GET', '/v1/due-dates/d1/pdf');
}

async function queueContent({ queueUrl }: WholeService): Promise<string> {
  return queueUrl.startsWith('redis') ? redisContent(queueUrl) : postgresContent(queueUrl);
}

async function postgresContent(url: string): Promise<string> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const tables = await client.query<{ name: string }>(
    "SELECT c.oid::regclass::text AS name FROM pg_class c WHERE c.relnamespace = 'bullmq'::regnamespace AND c.relkind IN ('r', 'p')",
  );
  const parts: string[] = [];
  for (const { name } of tables.rows) {
    const { rows } = await client.query<{ text: string }>(`SELECT to_jsonb(t)::text AS text FROM ${name} t`);
    parts.push(name, ...rows.map(({ text }) => text));
  }
  await client.end();
  return parts.join('\n');
}

async function redisContent(url: string): Promise<string> {
  const redis = new Redis(url);
  const parts: string[] = [];
  for (const key of await redis.keys('*')) parts.push(key, JSON.stringify(await valueOf(redis, key)));
  await redis.quit();
  return parts.join('\n');
}

async function valueOf(redis: Redis, key: string): Promise<unknown> {
  const type = await redis.type(key);
  switch (type) {
    case 'hash':
      return redis.hgetall(key);
    case 'list':
      return redis.lrange(key, 0, -1);
    case 'set':
      return redis.smembers(key);
    case 'zset':
      return redis.zrange(key, '0', '-1', 'WITHSCORES');
    case 'stream':
      return redis.xrange(key, '-', '+');
    case 'string':
      return redis.get(key);
    case 'none':
      return null;
    default:
      throw new Error(`a ${type} in Redis`);
  }
}

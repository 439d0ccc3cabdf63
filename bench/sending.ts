import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import { z } from 'zod';
import { exampleDocuments, withRenderer } from './documents.ts';
import { aloneOf, type Figure, figureOf, nothing } from './figure.ts';
import { attachOwn } from './own-documents.ts';
import { Service, statuses } from './service.ts';
import type { Stage } from './stage.ts';

const mails = 1_000;
const concurrency = 10;
const name = (queue: string): string => `batch accept to sent, own PDFs, ${queue} queue`;
const unit = 'reminders/s';
const bare = 'bare script: BullMQ on Redis, MJML in each job, nodemailer pool';

type Contender = { name: string; seconds(): Promise<number>; warm?(): Promise<unknown> };

/** Reminders a second from a batch accepted to all of them `sent`, an email with a PDF each, beside a bare script. */
export async function sending(stage: Stage): Promise<Figure[]> {
  const { child: sink, ready } = await stage.child(
    new URL('./smtp-sink.ts', import.meta.url),
    z.object({ port: z.number() }),
  );
  const taken = async (more: number): Promise<unknown> => sink.ask({ more }, z.object({ taken: z.number() }));
  const pdf = await withRenderer(stage, async (render) => render(exampleDocuments()[0]));
  const redis = await stage.redis();
  const environment = { SMTP_URL: `smtp://127.0.0.1:${ready.port}`, EMAIL_CONCURRENCY: String(concurrency) };
  const postgres = await contender(stage, { name: 'sending-postgres', environment, pdf, taken });
  if (!redis) {
    const note = 'neither redis-server nor valkey-server is on PATH: the bare script cannot run';
    const seconds = await rounds(stage, [postgres]);
    const figure = aloneOf(
      { name: name('PostgreSQL'), unit, note },
      (seconds[0] ?? []).map((each) => mails / each),
    );
    return [figure, nothing(name('Redis'), unit, note)];
  }
  const { host, port } = redis;
  const onRedis = await contender(stage, {
    name: 'sending-redis',
    environment: { ...environment, QUEUE_URL: `redis://${host}:${port}/0` },
    pdf,
    taken,
  });
  const script = await bareScript(stage, { redis: { host, port, db: 1 }, smtpPort: ready.port, pdf, taken });
  const [theirs = [], ours = [], oursOnRedis = []] = await rounds(stage, [script, postgres, onRedis]);
  const pairs = (seconds: number[]) =>
    seconds.map((each, n) => ({ ours: mails / each, theirs: mails / (theirs[n] ?? NaN) }));
  return [
    figureOf({ name: name('PostgreSQL'), unit, against: bare, target: { of: 'ratio', atLeast: 0.6 } }, pairs(ours)),
    figureOf({ name: name('Redis'), unit, against: bare, target: { of: 'ratio', atLeast: 1.2 } }, pairs(oursOnRedis)),
  ];
}

/** @returns the seconds of each contender's rounds, in their order; one after the other within each round. */
async function rounds(stage: Stage, contenders: readonly Contender[]): Promise<number[][]> {
  for (const contender of contenders) {
    stage.say(`sending, warming up ${contender.name}`);
    await contender.seconds();
    await contender.warm?.();
  }
  const seconds = contenders.map((): number[] => []);
  for (let round = 1; round <= stage.rounds; round++) {
    for (const [n, contender] of contenders.entries()) {
      stage.say(`sending, round ${round} of ${stage.rounds}: ${contender.name}`);
      seconds[n]?.push(await contender.seconds());
    }
  }
  return seconds;
}

type Setting = { pdf: Uint8Array; taken: (more: number) => Promise<unknown> };

async function contender(
  stage: Stage,
  { name, environment, pdf, taken }: Setting & { name: string; environment: Record<string, string> },
): Promise<Contender> {
  stage.say(`preparing ${name}`);
  const databaseUrl = await stage.migratedDatabase(name.replace('-', '_'));
  const service = await Service.start(stage, name, { DATABASE_URL: databaseUrl, ...environment });
  const dueDates = await service.seed(mails);
  await attachOwn(service, dueDates, pdf);
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  stage.keep(async () => client.end());
  const seconds = async (): Promise<number> => {
    const before = await sent(client);
    const reminders = dueDates.map((dueDate) => ({ idempotencyKey: randomUUID(), dueDate, channel: 'email' }));
    const begun = performance.now();
    const { items } = statuses.parse(await service.call('POST', '/v1/reminders/batch', { reminders }));
    if (items.some(({ status }) => status !== 202)) throw new Error('a reminder of the batch was refused');
    await taken(mails);
    // The last ones are with the server now, and their settling is a matter of milliseconds.
    for (let tries = 0; (await sent(client)) < before + mails; tries++) {
      if (tries > 2_000) throw new Error(`${name}: reminders were taken by the server but are not sent`);
      await pause(5);
    }
    return (performance.now() - begun) / 1_000;
  };
  // As autovacuum does within the first minute: plans made for empty tables are made anew.
  return { name, seconds, warm: async () => client.query('ANALYZE') };
}

async function sent(client: Client): Promise<number> {
  const { rows } = await client.query(`SELECT count(*)::integer AS sent FROM sollecito.reminder WHERE status = 'sent'`);
  return z.tuple([z.object({ sent: z.number() })]).parse(rows)[0].sent;
}

async function bareScript(
  stage: Stage,
  { pdf, taken, ...options }: Setting & { redis: { host: string; port: number; db: number }; smtpPort: number },
): Promise<Contender> {
  const pdfFile = path.join(stage.folder, 'bench.pdf');
  writeFileSync(pdfFile, pdf);
  const { child } = await stage.child(
    new URL('./bare-sender.ts', import.meta.url),
    z.object({ ready: z.literal(true) }),
    {
      ...options,
      concurrency,
      pdfFile,
    },
  );
  const seconds = async (): Promise<number> => {
    const run = await child.ask({ send: mails }, z.object({ seconds: z.number() }));
    await taken(mails);
    return run.seconds;
  };
  return { name: 'the bare script', seconds };
}

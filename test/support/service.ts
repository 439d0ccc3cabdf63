import { join } from 'node:path';
import { expect, vi } from 'vitest';
import { parseSmtpUrl } from '../../src/channels/email/smtp-server.ts';
import { SmtpGateway } from '../../src/channels/email/smtp-gateway.ts';
import { SmsapiGateway } from '../../src/channels/sms/smsapi-gateway.ts';
import type { Channel } from '../../src/domain/delivery-facts.ts';
import type { DeliveryStatus } from '../../src/domain/delivery-state.ts';
import { asId, type DeliveryId, parseId } from '../../src/domain/ids.ts';
import { openSecret } from '../../src/domain/sealed-secret.ts';
import { PdfRenderer } from '../../src/invoices/pdf-renderer.ts';
import { Database } from '../../src/store/database.ts';
import { dispatchDue, type Dispatched } from '../../src/store/dispatch.ts';
import { findImage } from '../../src/store/images.ts';
import { findTemplate } from '../../src/store/templates.ts';
import { timings } from '../../src/timings.ts';
import { keptReady } from '../../src/templates/own/standing.ts';
import { DeliveryWorker, type DeliveryWorkerOptions, type Desk } from '../../src/workers/delivery-worker.ts';
import { Documents } from '../../src/workers/documents.ts';
import { EmailDesk } from '../../src/workers/email.ts';
import { SmsDesk } from '../../src/workers/sms.ts';
import { type Answer, type CallOptions, TestApi } from './api.ts';
import { FaultySmsapi } from './faulty-smsapi.ts';
import { FaultySmtp } from './faulty-smtp.ts';

export type Slot = { release(): void };
export type WorkerChanges = Partial<Omit<DeliveryWorkerOptions<Slot>, 'database' | 'clock'>>;
export type ShownDelivery = {
  id: string;
  to: string;
  status: DeliveryStatus;
  reason: string | null;
  nextAttemptAt: string | null;
};
export type ShownReminder = { id: string; status: DeliveryStatus; deliveries: ShownDelivery[]; takenAt: string | null };

/** For `expect.poll` and `vi.waitFor`: a machine may be busy. */
export const patience = { timeout: 30_000, interval: 20 };
export const sendTimeoutMs = 5_000;
export const { leaseGraceMs, resendGraceMs: graceMs } = timings();
export const mailFrom = { name: 'Sollecito', address: 'reminders@example.com' };
/** Browsers unpack themselves into it once and stay there. */
export const chromiumDir = join(import.meta.dirname, '..', '..', 'node_modules', '.cache', 'sollecito-test');

/**
 * The way of a reminder out of its real parts: the API, a database of its own, the workers' desks and gateways, towards
 * providers that can be told to misbehave. The clock stands until a test moves it. Without a queue: `sendDue` takes what
 * is due and runs it, so that a test can stand between any two steps.
 */
export class TestService {
  readonly api: TestApi;
  readonly smtp = new FaultySmtp();
  readonly sms = new FaultySmsapi();
  /** Sees all tenants. */
  readonly database: Database;
  readonly documents: Documents;
  readonly renderer: PdfRenderer;
  readonly errors: unknown[] = [];
  readonly settled: string[] = [];
  readonly breakerChanges: string[] = [];
  /** Called when something is due. */
  onWake: (channel: Channel) => void = () => {};
  #email: SmtpGateway | undefined;
  #smsapi: SmsapiGateway | undefined;
  #keys = 0;

  private constructor(api: TestApi) {
    this.api = api;
    this.database = new Database({ url: api.databaseUrl, role: 'service', poolMax: 12 });
    this.renderer = new PdfRenderer({ chromiumPath: null, dataDir: chromiumDir, pages: 2, timeoutMs: 30_000 });
    this.documents = new Documents({
      database: this.database,
      clock: api.clock,
      renderer: this.renderer,
      timings: timings(),
    });
  }

  /** With one customer `rossi` (one address, one mobile number), one bank account and the due date `d1`. */
  static async start(): Promise<TestService> {
    let service: TestService | undefined;
    const wake = (channel: Channel): void => service?.onWake(channel);
    const api = await TestApi.start({
      parts: {
        accepted: wake,
        wake: () => (['email', 'sms'] as const).forEach(wake),
        documents: {
          documentFor: async (_tenant, dueDate, account) =>
            service?.documents.documentFor(dueDate, account) ?? Promise.reject(new Error('not started')),
        },
      },
    });
    service = new TestService(api);
    await Promise.all([service.database.start(), service.smtp.start(), service.sms.start()]);
    service.renderer.start();
    await service.put('/v1/customers/rossi', {
      name: 'Bianchi Costruzioni',
      email: ['conti@bianchi.example'],
      phone: ['+393331234567'],
    });
    await service.put('/v1/bank-accounts/main', {
      holder: 'Officine Rossi',
      iban: 'IT60X0542811101000000123456',
      default: true,
    });
    await service.addDueDate('d1');
    return service;
  }

  async stop(): Promise<void> {
    await Promise.all([this.#email?.stop(), this.#smsapi?.stop(), this.renderer.stop()]);
    await Promise.all([this.smtp.stop(), this.sms.stop(), this.database.stop()]);
    await this.api.stop();
  }

  /** The providers behave, and nobody remembers that they did not: no breaker, no slowed domain. */
  async calm(): Promise<void> {
    this.smtp.behave();
    this.sms.behave();
    await this.query('UPDATE sollecito.breaker SET failures = 0, opens = 0, until = NULL, opened_at = NULL');
    await this.query('DELETE FROM sollecito.send_limit');
  }

  get clock() {
    return this.api.clock;
  }

  async call<T = Record<string, unknown>>(method: string, path: string, options?: CallOptions): Promise<Answer<T>> {
    return this.api.call<T>(method, path, options);
  }

  /** Fails the test when it is refused. */
  async put(path: string, body: unknown): Promise<Answer<Record<string, unknown>>> {
    const answer = await this.call('PUT', path, { body });
    expect(answer, answer.text).toMatchObject({ status: expect.toBeOneOf([200, 201]) });
    return answer;
  }

  async addDueDate(ref: string, more: Record<string, unknown> = {}): Promise<void> {
    await this.put(`/v1/due-dates/${ref}`, {
      customer: 'rossi',
      document: { number: `2026/${ref}`, date: '2026-01-20' },
      dueOn: '2026-02-20',
      amount: { value: '1220.00', currency: 'EUR' },
      ...more,
    });
  }

  /** Posts a reminder under a new key: of `d1`, by email, without the document. Fails the test when it is refused. */
  async remind(more: Record<string, unknown> = {}): Promise<ShownReminder> {
    const answer = await this.ask(more);
    expect(answer, answer.text).toMatchObject({ status: 202 });
    return answer.body;
  }

  async ask(more: Record<string, unknown> = {}, options: CallOptions = {}): Promise<Answer<ShownReminder>> {
    this.#keys += 1;
    const body = { channel: 'email', attachDocument: false, ...more };
    return this.call<ShownReminder>('POST', '/v1/reminders', {
      body: 'dueDates' in body ? body : { dueDate: 'd1', ...body },
      headers: { 'idempotency-key': `key ${this.#keys}` },
      ...options,
    });
  }

  async reminder(id: string): Promise<ShownReminder> {
    return (await this.call<ShownReminder>('GET', `/v1/reminders/${id}`)).body;
  }

  /** `sent`, `failed exhausted`, …: of each delivery, in order. */
  async fates(id: string): Promise<string[]> {
    return (await this.reminder(id)).deliveries.map(({ status, reason }) => (reason ? `${status} ${reason}` : status));
  }

  async pay(dueDate: string, value = '1220.00'): Promise<Answer<{ inFlight: string[] }>> {
    const body = { ref: `payment ${++this.#keys}`, amount: { value, currency: 'EUR' }, paidOn: '2026-03-01' };
    const answer = await this.call<{ inFlight: string[] }>('POST', `/v1/due-dates/${dueDate}/payments`, { body });
    expect(answer, answer.text).toMatchObject({ status: 201 });
    return answer;
  }

  async patch(path: string, body: unknown): Promise<void> {
    const answer = await this.call('PATCH', path, { body });
    expect(answer, answer.text).toMatchObject({ status: 200 });
  }

  async quota(): Promise<{ used: number; reserved: number; remaining: number | null }> {
    return (await this.call<{ used: number; reserved: number; remaining: number | null }>('GET', '/v1/quota')).body;
  }

  /** Waits until the reminder's deliveries stand so. */
  async until(id: string, fates: string[]): Promise<void> {
    await vi.waitFor(async () => expect(await this.fates(id)).toEqual(fates), patience);
  }

  /** Puts what is due into the state of having a job. */
  async dispatch(channel: Channel = 'email', window = 200): Promise<Dispatched[]> {
    return dispatchDue(this.database, { channel, window, now: this.clock.now() });
  }

  /** Works on one delivery as a job would, in its last try. */
  async run(item: Pick<Dispatched, 'delivery' | 'dispatchNo'>, worker: DeliveryWorker<Slot>): Promise<void> {
    const data = { deliveryId: item.delivery, dispatchNo: item.dispatchNo };
    await worker.process({ id: 'test', data, attemptsMade: 0, opts: { attempts: 1 } });
  }

  /** Takes all that is due now, once, and sends it. @returns how many deliveries were taken up. */
  async sendDue(channel: Channel = 'email', changes: WorkerChanges = {}): Promise<number> {
    const worker = await this.worker(channel, changes);
    const items = await this.dispatch(channel);
    for (const item of items) {
      for (const dueDateId of item.missingDocuments) {
        const data = { deliveryId: item.delivery, dispatchNo: item.dispatchNo, dueDateId };
        await this.documents.process({ id: 'test', data, attemptsMade: 0, opts: { attempts: 1 } });
      }
    }
    await Promise.all(items.map(async (item) => this.run(item, worker)));
    return items.length;
  }

  async worker(channel: Channel, changes: WorkerChanges = {}): Promise<DeliveryWorker<Slot>> {
    return new DeliveryWorker<Slot>({
      database: this.database,
      clock: this.clock,
      desk: await this.desk(channel),
      sendTimeoutMs,
      timings: timings(),
      random: () => 0.5,
      cutOff: new AbortController().signal,
      stopping: new AbortController().signal,
      settled: ({ channel: of, to }) => void this.settled.push(`${of} ${to}`),
      breakerChanged: ({ provider, to }) => void this.breakerChanges.push(`${provider} ${to}`),
      done: (of) => this.onWake(of),
      onError: (error) => void this.errors.push(error),
      ...changes,
    });
  }

  async desk(channel: Channel): Promise<Desk<Slot>> {
    const { documents, clock } = this;
    // Each desk for itself, as in processes of their own.
    const loadTemplate = keptReady(async (...asked) => findTemplate(this.database.pool, ...asked));
    if (channel === 'email') {
      const desk = new EmailDesk({
        gateway: await this.#emailGateway(),
        documents,
        clock,
        mailFrom,
        findImage: async (tenant, sha256) => findImage(this.database.pool, tenant, sha256),
        loadTemplate,
        openSecret: (sealed) => openSecret(sealed, this.api.parts.sender.secretKeys),
      });
      return desk;
    }
    const { publicUrl, secretKeys, smsFrom } = this.api.parts.sender;
    const gateway = await this.#smsGateway();
    return new SmsDesk({ gateway, documents, clock, publicUrl: () => publicUrl, secretKeys, smsFrom, loadTemplate });
  }

  /** A desk at which something changes after a message was prepared and before it is claimed. `time` counts from 0. */
  async changingDesk(channel: Channel, change: (time: number) => Promise<unknown>): Promise<Desk<Slot>> {
    const desk = await this.desk(channel);
    let time = 0;
    return {
      channel,
      prepare: async (facts, dueDates, now) => desk.prepare(facts, dueDates, now),
      reserve: async (signal) => {
        await change(time++);
        return desk.reserve(signal);
      },
    };
  }

  /** Of every table of ours: how many rows it has. */
  async rowCounts(): Promise<Record<string, number>> {
    const { rows } = await this.database.pool.query<{ name: string; n: number }>(
      `SELECT c.relname AS name, (xpath('/row/n/text()', query_to_xml('SELECT count(*) AS n FROM sollecito.' || quote_ident(c.relname), false, true, '')))[1]::text::integer AS n
       FROM pg_class c WHERE c.relnamespace = 'sollecito'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY 1`,
    );
    return Object.fromEntries(rows.map(({ name, n }) => [name, n]));
  }

  async query<T extends Record<string, unknown>>(sql: string, values: unknown[] = []): Promise<T[]> {
    return (await this.database.pool.query<T>(sql, values)).rows;
  }

  async #emailGateway(): Promise<SmtpGateway> {
    const server = parseSmtpUrl(this.smtp.url);
    if (!server) throw new Error('no SMTP server');
    this.#email ??= new SmtpGateway({ server, connections: 10 });
    await this.#email.start();
    return this.#email;
  }

  async #smsGateway(): Promise<SmsapiGateway> {
    this.#smsapi ??= new SmsapiGateway({ token: 'test', url: new URL(this.sms.url), connections: 10 });
    await this.#smsapi.start();
    return this.#smsapi;
  }
}

/** The delivery behind `dlv_…`. */
export const deliveryId = (shown = ''): DeliveryId => parseId('delivery', shown) ?? asId('delivery', '');

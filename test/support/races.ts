import { setImmediate } from 'node:timers/promises';
import { expect } from 'vitest';
import type { DeliveryFacts } from '../../src/domain/delivery-facts.ts';
import { formatUnits } from '../../src/domain/money.ts';
import type { Dispatched } from '../../src/store/dispatch.ts';
import type { DeliveryWorker, Desk } from '../../src/workers/delivery-worker.ts';
import type { Answer, TestTenant } from './api.ts';
import { type ShownReminder, type Slot, TestService } from './service.ts';

/** How many races of each kind: a multiple of the lanes. */
const races = Number(process.env['RACES'] ?? 1_000);
/** Tenants whose races run at the same time, one of each at once: a change of a tenant's settings concerns one race alone. */
const lanes = 10;

type Lane = {
  tenant: TestTenant;
  /** Turns of the event loop by which the change starts before the claim; below 0, after it. */
  lead: number;
  /** By how much the lead moves next. */
  step: number;
  /** Works at `desk`, which is another for each race. */
  worker: DeliveryWorker<Slot>;
  desk: Pick<Desk<Slot>, 'prepare' | 'reserve'> | undefined;
};

/** A reminder with a job, of a due date and a customer of its own. */
export type Racer = {
  n: number;
  /** Which one of its tenant's, from 0: they run one after the other. */
  turn: number;
  lane: Lane;
  due: string;
  customer: string;
  to: string;
  reminder: string;
  item: Dispatched;
};

/** What a message says of what it rests on. */
type Said = {
  customer: string;
  outstanding: string;
  holder: string | null;
  iban: string | null;
  /** The version of the tenant's own; null: ours. */
  template: number | null;
  sender: string | null;
  /** Of the key that signs it. */
  selector: string | null;
};

type Reply = Answer<Record<string, unknown>>;

type Race = {
  /** The change, as a caller makes it. */
  change: (racer: Racer) => Promise<Reply>;
  /** What becomes of a reminder that was not claimed before it; left out, it is sent and says the new. */
  prevented?: string;
  /** What it says when it was claimed before, and when after. */
  says?: (racer: Racer) => { before: Partial<Said>; after: Partial<Said> };
  /** Before the reminders of one tenant are asked for. */
  prepare?: (racers: Pick<Racer, 'due' | 'lane'>[]) => Promise<void>;
  /** More of each due date. */
  dueDate?: Record<string, unknown>;
  /** Whether the claim was first, where the reply says it by other means than `inFlight`. */
  cameTooLate?: (answer: Reply) => boolean;
};

type Result = Racer & { answer: Reply; claimWon: boolean; taken: number };

/**
 * Races of a change against the claim: the real API, the real worker, real PostgreSQL; the message is what the claim's facts
 * say, and its provider answers only when the change has been answered. So a claim that was first is still being handed
 * over when the change looks, and every reply must say which of the two was first. How far one starts before the other is
 * counted in turns of the event loop, and moves after each race towards whichever lost: both win, whatever the machine.
 */
export class RaceTrack {
  readonly service: TestService;
  readonly #lanes: Lane[];
  #made = 0;

  private constructor(service: TestService, tracks: Lane[]) {
    this.service = service;
    this.#lanes = tracks;
  }

  /** @param furnish what each tenant has. */
  static async start(furnish: (service: TestService, tenant: TestTenant) => Promise<void>): Promise<RaceTrack> {
    const service = await TestService.start();
    const tracks: Lane[] = [];
    for (let n = 0; n < lanes; n++) {
      const tenant = await service.api.addTenant({ name: `Lane ${n}` });
      await furnish(service, tenant);
      tracks.push(await laneOf(service, tenant));
    }
    return new RaceTrack(service, tracks);
  }

  async stop(): Promise<void> {
    await this.service.stop();
  }

  /** Calls the API as the tenant of a racer. */
  async ask({ lane }: Pick<Racer, 'lane'>, method: string, path: string, body?: unknown): Promise<Reply> {
    return this.service.call(method, path, { key: lane.tenant.key, ...(body === undefined ? {} : { body }) });
  }

  /** Runs them all and holds each to its word. */
  async run(race: Race): Promise<void> {
    const { service } = this;
    service.errors.length = 0;
    for (const lane of this.#lanes) Object.assign(lane, { lead: 0, step: 1 });
    const racers = await this.#racers(race);
    const results = await Promise.all(
      [...Map.groupBy(racers, (racer) => racer.lane)].map(async ([lane, all]) => {
        const done: Result[] = [];
        for (const racer of all) {
          const result = await this.#race(racer, race);
          handicap(lane, result.claimWon);
          done.push(result);
        }
        return done;
      }),
    );
    // No deadlock, no lock that was waited for in vain.
    expect(service.errors).toEqual([]);
    await this.#hold(results.flat(), race);
  }

  async #hold(results: Result[], { prevented, says, cameTooLate }: Race): Promise<void> {
    expect(results).toHaveLength(races);
    const left = await this.#left();
    for (const result of results) {
      const { reminder, answer, claimWon, taken } = result;
      expect(answer.status, answer.text).toBeOneOf(cameTooLate && claimWon ? [409] : [200, 201]);
      if (!cameTooLate) expect(answer.body['inFlight']).toEqual(claimWon ? [reminder] : []);
      const { fate, messages } = left.get(reminder) ?? expect.fail('no such reminder');
      if (prevented !== undefined && !claimWon) {
        expect({ fate, taken, messages }).toEqual({ fate: prevented, taken: 0, messages: [] });
      } else {
        const said = says?.(result);
        expect({ fate, taken, messages }).toMatchObject({
          fate: 'sent',
          taken: 1,
          messages: [(claimWon ? said?.before : said?.after) ?? {}],
        });
      }
    }
    const won = results.filter(({ claimWon }) => claimWon).length;
    // Both happened, or nothing was raced.
    expect(won).toBeGreaterThan(0);
    expect(won).toBeLessThan(races);
  }

  /** What became of each reminder, and the messages that were kept of it. */
  async #left(): Promise<Map<string, { fate: string; messages: Said[] }>> {
    const rows = await this.service.query<{ due: string; fate: string; messages: Said[] }>(
      `SELECT u.ref AS due, concat_ws(' ', d.status, d.reason) AS fate,
         (SELECT coalesce(jsonb_agg(m.content::jsonb), '[]') FROM sollecito.delivery_message m WHERE m.delivery_id = d.id) AS messages
       FROM sollecito.delivery d JOIN sollecito.reminder_due_date l ON l.reminder_id = d.reminder_id JOIN sollecito.due_date u ON u.id = l.due_date_id`,
    );
    const byDue = new Map(rows.map(({ due, ...left }) => [due, left]));
    return new Map([...this.#reminders].map(([due, reminder]) => [reminder, byDue.get(due) ?? expect.fail('lost')]));
  }

  readonly #reminders = new Map<string, string>();

  async #racers({ prepare, dueDate }: Race): Promise<Racer[]> {
    await this.service.query("UPDATE sollecito.delivery SET status = 'canceled' WHERE status <> 'sent'");
    this.#reminders.clear();
    const made: Omit<Racer, 'item'>[] = [];
    for (const lane of this.#lanes) {
      const { key } = lane.tenant;
      const all = Array.from({ length: races / lanes }, (_, turn) => {
        const n = ++this.#made;
        return { n, turn, lane, due: `r${n}`, customer: `c${n}`, to: `r${n}@bianchi.example` };
      });
      const dueDates = all.map(({ due, customer }) => ({
        ref: due,
        customer: { ref: customer, name: customer },
        dueOn: '2026-02-20',
        amount: { value: '1220.00', currency: 'EUR' },
        ...dueDate,
      }));
      expect((await this.service.call('POST', '/v1/due-dates/batch', { key, body: { dueDates } })).status).toBe(200);
      await prepare?.(all);
      const reminders = all.map(({ due, to }) => ({
        idempotencyKey: due,
        dueDate: due,
        channel: 'email',
        template: 'overdue',
        to: [to],
        attachDocument: false,
      }));
      const { body } = await this.service.call<{ items: { reminder: ShownReminder }[] }>(
        'POST',
        '/v1/reminders/batch',
        {
          key,
          body: { reminders },
        },
      );
      made.push(...all.map((one, at) => ({ ...one, reminder: body.items[at]?.reminder.id ?? '' })));
    }
    const items = await this.service.dispatch('email', 2 * races);
    const rows = await this.service.query<{ id: string; recipient: string }>(
      "SELECT id, recipient FROM sollecito.delivery WHERE status = 'queued'",
    );
    const deliveries = new Map(rows.map(({ id, recipient }) => [recipient, id]));
    const jobs = new Map(items.map((item) => [String(item.delivery), item]));
    return made.map((one) => {
      this.#reminders.set(one.due, one.reminder);
      return { ...one, item: jobs.get(deliveries.get(one.to) ?? '') ?? expect.fail('not dispatched') };
    });
  }

  async #race(racer: Racer, { change, cameTooLate }: Race): Promise<Result> {
    const { lead } = racer.lane;
    let reply: Promise<Reply> | undefined;
    let taken = 0;
    racer.lane.desk = {
      prepare: async (facts) => ({
        message: { sender: '', content: JSON.stringify(saidOf(facts)), template: 'overdue 1 it', documentIds: [] },
        handOver: async () => {
          taken += 1;
          await reply;
          return { kind: 'accepted', providerMessageId: null, response: '' };
        },
      }),
      reserve: async () => {
        if (!reply) {
          reply = turns(-lead).then(async () => change(racer));
          await turns(lead);
        }
        return { kind: 'ready', slot: { release: () => {} } };
      },
    };
    await this.service.run(racer.item, racer.lane.worker);
    const answer = await (reply ?? expect.fail('never changed'));
    const { inFlight } = answer.body;
    const claimWon = cameTooLate?.(answer) ?? (Array.isArray(inFlight) && inFlight.length > 0);
    return { ...racer, answer, claimWon, taken };
  }
}

const longestStep = 128;

async function laneOf(service: TestService, tenant: TestTenant): Promise<Lane> {
  const at = (): NonNullable<Lane['desk']> => lane.desk ?? expect.fail('no race');
  const desk: Desk<Slot> = {
    channel: 'email',
    prepare: async (...of) => at().prepare(...of),
    reserve: async (...of) => at().reserve(...of),
  };
  const lane: Lane = { tenant, lead: 0, step: 1, worker: await service.worker('email', { desk }), desk: undefined };
  return lane;
}

/** Who lost starts earlier the next time: by twice as much while the same one wins, by half when the winners alternate. */
function handicap(lane: Lane, claimWon: boolean): void {
  const sameAgain = claimWon === lane.step > 0;
  const last = Math.abs(lane.step);
  const size = sameAgain ? Math.min(2 * last, longestStep) : Math.max(1, Math.floor(last / 2));
  lane.step = claimWon ? size : -size;
  lane.lead += lane.step;
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await setImmediate();
}

function saidOf({ customer, dueDates, tenant }: DeliveryFacts): Said {
  const [due] = dueDates;
  return {
    customer: customer.name,
    outstanding: due ? formatUnits(due.outstanding) : '',
    holder: due?.bankAccount?.holder ?? null,
    iban: due?.bankAccount?.iban ?? null,
    template: tenant.templates['overdue email it'] ?? null,
    sender: tenant.senderName,
    selector: tenant.dkim?.selector ?? null,
  };
}

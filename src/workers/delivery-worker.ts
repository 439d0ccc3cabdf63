import { randomUUID } from 'node:crypto';
import type { Clock } from '../domain/clock.ts';
import { judge } from '../domain/claim-verdict.ts';
import { type Channel, type DeliveryFacts, type DueDateFacts, fingerprint } from '../domain/delivery-facts.ts';
import { asId, type DeliveryId } from '../domain/ids.ts';
import { type Settlement, settlementOf, unavailableDelay } from '../domain/retry.ts';
import type { SendOutcome } from '../domain/send-outcome.ts';
import type { JobProcessor } from '../queue/queue-backend.ts';
import type { BreakerChange } from '../store/breaker.ts';
import { type Claim, claimDelivery, giveClaimBack, type StoredMessage, type Taken } from '../store/claim.ts';
import type { Database } from '../store/database.ts';
import { loadDeliveryFacts } from '../store/delivery-facts.ts';
import { isDatabaseTrouble } from '../store/outage.ts';
import { failUnpreparable, putBack, settlePrepareFailure } from '../store/put-back.ts';
import { settleDelivery } from '../store/settle.ts';
import type { Timings } from '../timings.ts';
import { tellNews } from './hand-over-news.ts';
import { insist } from './insist.ts';

/** A free connection to a provider, or why there is none. */
export type Reservation<Slot> =
  | { readonly kind: 'ready'; readonly slot: Slot }
  | { readonly kind: 'failed'; readonly outcome: Extract<SendOutcome, { kind: 'tryAgain' }> };

/** A message that is ready to leave, and how it is handed over. */
export type Prepared<Slot> = {
  message: StoredMessage;
  handOver(slot: Slot, deadline: Temporal.Instant): Promise<SendOutcome>;
};

/** What is particular to a channel. */
export type Desk<Slot extends { release(): void }> = {
  channel: Channel;
  /** Renders and attaches. Throws Unpreparable for what no try would mend; anything else is tried again. */
  prepare(facts: DeliveryFacts, dueDates: DueDateFacts[], now: Temporal.Instant): Promise<Prepared<Slot>>;
  reserve(signal: AbortSignal): Promise<Reservation<Slot>>;
};

/** The caller's own text cannot be composed: another try would end the same. */
export class Unpreparable extends Error {
  readonly code: string;
  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

/** Something that a message needs is not there: worth another dispatch, which has it made. The code says what, in a word. */
export class NotReady extends Error {
  readonly code: string;
  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

export type DeliveryWorkerOptions<Slot extends { release(): void }> = {
  database: Database;
  clock: Clock;
  desk: Desk<Slot>;
  sendTimeoutMs: number;
  timings: Timings;
  random: () => number;
  /** Aborted a moment before the drain's time is up: the jobs have gone back to the queue, nothing more is handed over. */
  cutOff: AbortSignal;
  /** Aborted when the drain's time is up. */
  stopping: AbortSignal;
  settled: (event: {
    channel: Channel;
    to: Settlement['to'];
    reason: string | null;
    /** Null: it was given up before any hand-over. */
    acceptedAt: Temporal.Instant | null;
    now: Temporal.Instant;
  }) => void;
  /** A provider's breaker has opened or closed: told in one process of all. */
  breakerChanged: (change: BreakerChange) => void;
  /** A place in the window is free again. */
  done: (channel: Channel) => void;
  onError: (error: unknown) => void;
};

type OwnClaim = { token: string; message: StoredMessage | null };

/** How often something may change between preparing and claiming before the job gives way. */
const mostRounds = 3;

/** One delivery's way out: prepare, claim, send, settle. */
export class DeliveryWorker<Slot extends { release(): void }> {
  readonly #options: DeliveryWorkerOptions<Slot>;

  constructor(options: DeliveryWorkerOptions<Slot>) {
    this.#options = options;
  }

  readonly process: JobProcessor = async (job) => {
    const delivery = asId('delivery', job.data.deliveryId);
    const { dispatchNo } = job.data;
    const lastTry = job.attemptsMade + 1 >= (job.opts.attempts ?? 1);
    const failure = await this.#deliver(delivery, dispatchNo).catch(async (error: unknown) =>
      this.#failed({ delivery, dispatchNo, lastTry }, error),
    );
    this.#options.done(this.#options.desk.channel);
    // BullMQ shows what is thrown to whoever sees the board: a code and nothing else, not even as a cause.
    if (failure !== undefined) throw new Error(failure);
  };

  /**
   * Before the hand-over nothing may fail for ever: after the queue's own tries it goes back into the backlog, a few
   * times. (After it this does nothing: the delivery is no longer queued.)
   * @returns the code to fail the job with, so that it is tried again at once; undefined when it is written down.
   */
  async #failed(
    job: { delivery: DeliveryId; dispatchNo: number; lastTry: boolean },
    error: unknown,
  ): Promise<string | undefined> {
    const { database, clock, desk, random, timings, settled, onError } = this.#options;
    const code = codeOf(error);
    if (!(error instanceof Unpreparable)) onError(error);
    // What is missing does not come by trying at once.
    const atOnce = !job.lastTry && !(error instanceof NotReady) && !(error instanceof Unpreparable);
    if (atOnce) return code;
    try {
      const now = clock.now();
      if (isDatabaseTrouble(error)) {
        const delayMs = unavailableDelay(random(), timings);
        await putBack(database, { ...job, now, reason: 'database-unavailable', delayMs });
        return undefined;
      }
      const givenUp =
        error instanceof Unpreparable
          ? await failUnpreparable(database, { ...job, now, code })
          : await settlePrepareFailure(database, { ...job, now, code, random: random(), timings });
      if (givenUp) settled({ channel: desk.channel, to: 'failed', reason: 'not-preparable', acceptedAt: null, now });
      return undefined;
    } catch (unwritten) {
      onError(unwritten);
      return code;
    }
  }

  async #deliver(delivery: DeliveryId, dispatchNo: number): Promise<void> {
    const { database, clock, timings } = this.#options;
    for (let round = 0; round < mostRounds; round++) {
      const facts = await loadDeliveryFacts(database.pool, delivery);
      if (facts?.delivery.status !== 'queued' || facts.delivery.dispatchNo !== dispatchNo) return;
      if ((await this.#round(facts)) === 'over') return;
    }
    // It changes faster than it can be composed: let the others go first.
    await putBack(database, {
      delivery,
      dispatchNo,
      now: clock.now(),
      reason: 'changing',
      delayMs: timings.changingMs,
    });
  }

  /** @returns `changed` when something the message rests on has changed since: nothing was claimed, begin again. */
  async #round(facts: DeliveryFacts): Promise<'over' | 'changed'> {
    const now = this.#options.clock.now();
    const verdict = judge(facts, now);
    // It will not leave: the claim says so under lock, without a message and without a connection.
    if (verdict.kind !== 'go') {
      const claim = await this.#claim(facts, now, { token: randomUUID(), message: null });
      return claim.kind === 'changed' ? 'changed' : 'over';
    }
    const prepared = await this.#options.desk.prepare(facts, verdict.dueDates, now);
    const began = this.#options.clock.now();
    const reservation = await this.#options.desk.reserve(this.#options.cutOff);
    if (this.#options.cutOff.aborted) {
      if (reservation.kind === 'ready') reservation.slot.release();
      return 'over';
    }
    if (reservation.kind === 'failed') {
      await this.#unavailable(facts, reservation.outcome, began);
      return 'over';
    }
    try {
      const token = randomUUID();
      const claim = await this.#claimSurely(facts, now, { token, message: prepared.message });
      if (claim.kind === 'go') {
        const outcome = await prepared.handOver(reservation.slot, claim.deadline);
        await this.#settle(facts, { token, claimNo: claim.claimNo }, outcome);
        await this.#tell(facts, outcome, claim);
      }
      return claim.kind === 'changed' ? 'changed' : 'over';
    } finally {
      reservation.slot.release();
    }
  }

  /** A claim whose answer is lost may stand: it is given back before its lease makes a doubt of what was never begun. */
  async #claimSurely(facts: DeliveryFacts, madeAt: Temporal.Instant, own: OwnClaim): Promise<Claim> {
    try {
      return await this.#claim(facts, madeAt, own);
    } catch (error) {
      const { database, clock } = this.#options;
      const { id: delivery } = facts.delivery;
      if (isDatabaseTrouble(error)) {
        await insist(this.#options, async () =>
          giveClaimBack(database, { delivery, token: own.token, now: clock.now() }),
        );
      }
      throw error;
    }
  }

  async #claim(facts: DeliveryFacts, madeAt: Temporal.Instant, { token, message }: OwnClaim): Promise<Claim> {
    const { database, clock, desk, sendTimeoutMs, timings } = this.#options;
    return claimDelivery(database, {
      delivery: facts.delivery.id,
      token,
      dispatchNo: facts.delivery.dispatchNo,
      channel: desk.channel,
      fingerprint: fingerprint(facts, madeAt),
      message,
      clock,
      sendTimeoutMs,
      leaseGraceMs: timings.leaseGraceMs,
      breakerProbeMs: timings.breakerProbeMs,
    });
  }

  /** The settling is tried again until it succeeds or the process must end; the sending never is. */
  async #settle(facts: DeliveryFacts, claim: { token: string; claimNo: number }, outcome: SendOutcome): Promise<void> {
    const { database, clock, random, timings, settled, desk } = this.#options;
    const settlement = settlementOf(outcome, facts.delivery.attempts, random(), timings);
    const request = {
      delivery: facts.delivery.id,
      token: claim.token,
      claimNo: claim.claimNo,
      attempts: facts.delivery.attempts,
      settlement,
      code: 'code' in outcome ? outcome.code : null,
      response: outcome.response,
    };
    const reason = 'reason' in settlement ? settlement.reason : null;
    await insist(this.#options, async () => {
      const now = clock.now();
      const counts = await settleDelivery(database, { ...request, now });
      if (counts)
        settled({ channel: desk.channel, to: settlement.to, reason, acceptedAt: facts.reminder.createdAt, now });
    });
  }

  async #unavailable(
    facts: DeliveryFacts,
    outcome: Extract<SendOutcome, { kind: 'tryAgain' }>,
    began: Temporal.Instant,
  ): Promise<void> {
    const { database, clock, random, timings } = this.#options;
    const { id: delivery, dispatchNo } = facts.delivery;
    const delayMs = Math.max(unavailableDelay(random(), timings), outcome.retryAfterMs ?? 0);
    await putBack(database, { delivery, dispatchNo, now: clock.now(), reason: 'provider-unavailable', delayMs });
    await this.#tell(facts, outcome, { claimedAt: began, providerFailed: true, domainSlowed: false }, null);
  }

  async #tell(
    { delivery }: DeliveryFacts,
    outcome: SendOutcome,
    { claimedAt: began, ...known }: Pick<Taken, 'claimedAt' | 'providerFailed' | 'domainSlowed'>,
    recipient: string | null = delivery.recipient,
  ): Promise<void> {
    const { providerFailed, domainSlowed } = known;
    const { channel } = this.#options.desk;
    await tellNews(this.#options, { channel, outcome, began, recipient, providerFailed, domainSlowed });
  }
}

/** What went wrong, in a word that holds nothing personal: our own code, a system's (ECONNREFUSED, 57P01), or the class. */
export function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string' && /^[\w-]{1,40}$/.test(error.code)) {
    return error.code;
  }
  return error instanceof Error ? error.name : 'error';
}

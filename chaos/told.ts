import type { Wish } from './plan.ts';

/** What clients were told, and when the answer had come (epoch milliseconds): the truth that the service is held to. */
export type Accepted = { id: string; wish: Wish; at: number };

/**
 * Answered without a doubt: from here on nothing may leave that asks for what it stops, but for the reminders that the
 * answer itself named as being handed over.
 */
export type Stopped = {
  kind: 'pay' | 'hold' | 'exclude' | 'cancel';
  tenant: string;
  /** The due date's or the customer's ref, or the reminder's id. */
  what: string;
  at: number;
  inFlight: string[];
};

export type Told = { accepted: Accepted[]; refused: Map<string, number>; stopped: Stopped[] };

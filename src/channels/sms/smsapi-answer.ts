import { z } from 'zod';
import type { SendOutcome } from '../../domain/send-outcome.ts';
import type { HttpAnswer } from './exchange.ts';
import { httpStatusOutcome, smsapiErrorOutcome } from './smsapi-errors.ts';

/** Thrown through the package by an answer whose meaning is clear before the package looks at it. */
export class SettledAnswer extends Error {
  readonly outcome: SendOutcome;

  constructor(outcome: SendOutcome) {
    super(outcome.kind);
    this.outcome = outcome;
  }
}

const errorBody = z.object({ error: z.coerce.number().int().positive(), message: z.string().catch('') });
const acceptedBody = z.looseObject({
  list: z
    .array(z.looseObject({ id: z.coerce.string().min(1), error: z.coerce.number().int().nullish().catch(null) }))
    .min(1),
});
// What the package throws for an error inside HTTP 200.
const messageError = z.object({ name: z.literal('MessageError'), data: errorBody });

/**
 * The JSON of a success, or of an error that the package turns into its MessageError.
 * Throws {@link SettledAnswer} for every other answer. `nowMs` is epoch milliseconds.
 */
export function readSmsapiAnswer(answer: HttpAnswer, nowMs: number): unknown {
  const retryAfterMs = parseRetryAfter(answer.retryAfter, nowMs);
  const json = parseJson(answer.body);
  const error = errorBody.safeParse(json);
  if (answer.status < 200 || answer.status > 299) {
    // 429 and 5xx speak for themselves; below them a numbered error says more than the status.
    const numbered = error.success && answer.status !== 429 && answer.status < 500;
    throw new SettledAnswer(
      numbered
        ? smsapiErrorOutcome(error.data.error, error.data.message, retryAfterMs)
        : httpStatusOutcome(answer.status, answer.body.slice(0, 500), retryAfterMs),
    );
  }
  if (error.success) return error.data;
  const accepted = acceptedBody.safeParse(json);
  if (!accepted.success) {
    // A success that cannot be read (a proxy's page, a cut-off text) may still have been one.
    throw new SettledAnswer({ kind: 'unknown', reason: 'no-answer', response: answer.body.slice(0, 500) });
  }
  const refused = accepted.data.list[0]?.error;
  if (refused) throw new SettledAnswer(smsapiErrorOutcome(refused, answer.body.slice(0, 500), retryAfterMs));
  return accepted.data;
}

/** The outcome that an exception out of the package stands for, or undefined when no answer caused it. */
export function settledBy(thrown: unknown): SendOutcome | undefined {
  if (thrown instanceof SettledAnswer) return thrown.outcome;
  const known = messageError.safeParse(thrown);
  return known.success ? smsapiErrorOutcome(known.data.data.error, known.data.data.message, null) : undefined;
}

// A wish for more is a slip (a date in another year): the next try finds out.
const longestWishMs = 24 * 60 * 60 * 1000;

// RFC 9110 §10.2.3: seconds, or a date.
function parseRetryAfter(value: string | null, nowMs: number): number | null {
  if (value === null) return null;
  const wishMs = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - nowMs;
  return Number.isNaN(wishMs) ? null : Math.min(Math.max(0, wishMs), longestWishMs);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

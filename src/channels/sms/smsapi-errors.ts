import type { RefusalReason, SendOutcome, SpeaksOf, TryAgainReason } from '../../domain/send-outcome.ts';

// SMSAPI's error numbers, as its documentation lists them for `sms.do`.
const refusals: ReadonlyMap<number, RefusalReason> = new Map([
  [11, 'message-refused'], // too long, or empty
  [12, 'message-refused'], // more parts than allowed
  [13, 'recipient-refused'], // no valid number
  [14, 'sender-refused'], // sender name not registered
  [17, 'message-refused'],
  [18, 'message-refused'],
  [19, 'message-refused'],
  [20, 'message-refused'],
  [27, 'message-refused'],
  [30, 'message-refused'],
  [57, 'recipient-refused'], // on the account's blacklist
  [59, 'recipient-refused'], // opted out
  [74, 'account-refused'], // the account does not send at this hour
  [94, 'policy-refused'], // links are not allowed
  [112, 'account-refused'], // the account does not send to that country
]);

// An operator mends a token, an address filter, the credit or a blocked account, so the message waits for that, and all
// others of the account with it.
const deferrals: ReadonlyMap<number, { reason: TryAgainReason; speaksOf?: SpeaksOf }> = new Map([
  [52, { reason: 'rate-limited' }], // ten messages to one number within a minute
  [98, { reason: 'account-refused', speaksOf: 'account' }], // not confirmed yet
  [101, { reason: 'credentials-refused', speaksOf: 'account' }],
  [102, { reason: 'credentials-refused', speaksOf: 'account' }],
  [103, { reason: 'insufficient-credit', speaksOf: 'account' }],
  [105, { reason: 'credentials-refused', speaksOf: 'account' }], // the account's address filter
  [110, { reason: 'account-refused', speaksOf: 'account' }], // the account does not send SMS
  // Too many at once, or in a time.
  [202, { reason: 'rate-limited', speaksOf: 'account' }],
  [203, { reason: 'rate-limited', speaksOf: 'account' }],
  // Something broke on their side, perhaps by this message.
  [8, { reason: 'provider-error', speaksOf: 'exchange' }],
  [200, { reason: 'provider-error', speaksOf: 'exchange' }],
  [201, { reason: 'provider-error', speaksOf: 'exchange' }],
  [666, { reason: 'provider-error', speaksOf: 'exchange' }],
  [999, { reason: 'provider-error', speaksOf: 'exchange' }],
]);
// A number that nobody documents: of this message, as far as is known.
const undocumented: { reason: TryAgainReason; speaksOf?: SpeaksOf } = { reason: 'provider-error' };

const idxAlreadyUsed = 53;

/** What an error number means; `text` is the provider's own, `retryAfterMs` its wish. */
export function smsapiErrorOutcome(error: number, text: string, retryAfterMs: number | null): SendOutcome {
  const code = String(error);
  // `check_idx` found an earlier hand-over of this very message: it was taken, then.
  if (error === idxAlreadyUsed) {
    return { kind: 'accepted', providerMessageId: null, response: `${code} ${text}`, repeated: true };
  }
  const refused = refusals.get(error);
  if (refused) return { kind: 'refused', reason: refused, code, response: text };
  return { kind: 'tryAgain', ...(deferrals.get(error) ?? undocumented), code, response: text, retryAfterMs };
}

/** What an HTTP status that is no success means, when its body names no error of SMSAPI's. */
export function httpStatusOutcome(status: number, text: string, retryAfterMs: number | null): SendOutcome {
  const code = String(status);
  const tryAgain = (reason: TryAgainReason, speaksOf: SpeaksOf): SendOutcome => ({
    kind: 'tryAgain',
    reason,
    code,
    response: text,
    retryAfterMs,
    speaksOf,
  });
  if (status === 429) return tryAgain('rate-limited', 'account');
  if (status === 401 || status === 403) return tryAgain('credentials-refused', 'account');
  if (status === 402) return tryAgain('insufficient-credit', 'account');
  if (status === 400 || status === 413 || status === 422) {
    return { kind: 'refused', reason: 'message-refused', code, response: text };
  }
  // A 5xx does not prove that the message was not taken: unknown, and handed over again under the same idx while the
  // provider remembers it. What else is no success (a wrong address, a proxy) speaks of no message.
  return status >= 500
    ? { kind: 'unknown', reason: 'server-error', response: text }
    : tryAgain('provider-error', 'provider');
}

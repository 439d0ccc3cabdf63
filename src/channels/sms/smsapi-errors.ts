import type { RefusalReason, SendOutcome, TryAgainReason } from '../../domain/send-outcome.ts';

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
  [98, 'account-refused'],
  [110, 'account-refused'],
  [112, 'account-refused'],
]);

// An operator mends a token, an address filter or the credit, so the message waits for that. The numbers that are
// not here (8, 200, 201, 203, 666, 999 and those that nobody documents) say that something broke on their side.
const deferrals: ReadonlyMap<number, TryAgainReason> = new Map([
  [52, 'rate-limited'], // ten messages to one number within a minute
  [101, 'credentials-refused'],
  [102, 'credentials-refused'],
  [103, 'insufficient-credit'],
  [105, 'credentials-refused'], // the account's address filter
  [202, 'rate-limited'],
]);

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
  return { kind: 'tryAgain', reason: deferrals.get(error) ?? 'provider-error', code, response: text, retryAfterMs };
}

/** What an HTTP status that is no success means, when its body names no error of SMSAPI's. */
export function httpStatusOutcome(status: number, text: string, retryAfterMs: number | null): SendOutcome {
  const code = String(status);
  const tryAgain = (reason: TryAgainReason): SendOutcome => ({
    kind: 'tryAgain',
    reason,
    code,
    response: text,
    retryAfterMs,
  });
  if (status === 429) return tryAgain('rate-limited');
  if (status === 401 || status === 403) return tryAgain('credentials-refused');
  if (status === 402) return tryAgain('insufficient-credit');
  if (status === 400 || status === 413 || status === 422) {
    return { kind: 'refused', reason: 'message-refused', code, response: text };
  }
  // A 5xx does not prove that the message was not taken: unknown, and handed over again under the same idx while the
  // provider remembers it.
  return status >= 500 ? { kind: 'unknown', reason: 'server-error', response: text } : tryAgain('provider-error');
}

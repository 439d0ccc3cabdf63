/**
 * What became of one hand-over to a provider. `code` is the provider's own (SMTP reply, SMSAPI error number);
 * `response` is its text, which may hold addresses: it goes to the private part of an event and nowhere else.
 */
export type SendOutcome =
  /** The provider took it. `repeated`: it said that it had it already, which proves an earlier hand-over. */
  | { kind: 'accepted'; providerMessageId: string | null; response: string; repeated?: boolean }
  /** Refused for good: another try would be refused too. */
  | { kind: 'refused'; reason: RefusalReason; code: string | null; response: string }
  /** Certainly not taken, and worth another try. `retryAfterMs` is the provider's wish. */
  | {
      kind: 'tryAgain';
      reason: TryAgainReason;
      code: string | null;
      response: string;
      retryAfterMs: number | null;
      /** Left out: it speaks of this message alone. */
      speaksOf?: SpeaksOf;
    }
  /** The body began to leave and no answer came: it may have been taken. */
  | { kind: 'unknown'; reason: UnknownReason; response: string };

/** Of whom a "try again" speaks, beyond this one message. */
export type SpeaksOf =
  /** The provider could not be reached, or not be used at all: nothing was said of this message. */
  | 'provider'
  /** The provider failed in the middle of this message, which may have been why. */
  | 'exchange'
  /** The provider takes nothing from this account, whatever the message. */
  | 'account'
  /** The recipient's domain takes less for now. */
  | 'domain'
  /** The recipient's domain does not know us yet: it puts off each new pair of sender and recipient once. */
  | 'stranger';

export type RefusalReason =
  | 'recipient-refused'
  | 'sender-refused'
  | 'message-refused'
  | 'credentials-refused'
  | 'account-refused'
  | 'policy-refused';

export type TryAgainReason =
  | 'connection-failed'
  | 'provider-busy'
  | 'provider-error'
  | 'recipient-deferred'
  | 'rate-limited'
  | 'credentials-refused'
  | 'account-refused'
  | 'insufficient-credit'
  | 'deadline'
  /** Our own process stops, and its drain's time was up before the body began to leave. */
  | 'drained';

/** `drained`: our own process stopped while the answer was waited for. */
export type UnknownReason = 'no-answer' | 'connection-lost' | 'server-error' | 'claim-expired' | 'drained';

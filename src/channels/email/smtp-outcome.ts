import type { RefusalReason, SendOutcome, SpeaksOf, TryAgainReason } from '../../domain/send-outcome.ts';

/** What nodemailer tells about a failure: `responseCode` and `response` are the server's, when it answered at all. */
export type SmtpFailure = {
  readonly message: string;
  readonly code?: string | undefined;
  readonly command?: string | undefined;
  readonly response?: string | undefined;
  readonly responseCode?: number | undefined;
};

/** How far it came: to a greeted connection, within a message, or into its body. */
export type SmtpStage = 'connecting' | 'envelope' | 'body';

/**
 * What a failed hand-over means. The rule: an answer is an answer at any point; without one, everything before the
 * body's first byte is certainly not taken, everything after it may have been.
 */
export function smtpOutcome(failure: SmtpFailure, stage: SmtpStage): SendOutcome {
  if (failure.responseCode !== undefined) return answered(failure, failure.responseCode, stage);
  if (stage === 'body') {
    const reason = failure.code === 'ETIMEDOUT' ? 'no-answer' : 'connection-lost';
    return { kind: 'unknown', reason, response: failure.message };
  }
  return unanswered(failure, stage);
}

/** Past its deadline: nothing of the body left, so nothing was taken. */
export const pastDeadline: SendOutcome = {
  kind: 'tryAgain',
  reason: 'deadline',
  code: null,
  response: 'the time for this hand-over was up before the message began to leave',
  retryAfterMs: null,
};

/** Our own process stops: it ends what is under way, and what is not known stays so. */
export function drained(bodyBegan: boolean): SendOutcome {
  const response = `the service stopped ${bodyBegan ? 'before the answer came' : 'before the message began to leave'}`;
  if (bodyBegan) return { kind: 'unknown', reason: 'drained', response };
  return { kind: 'tryAgain', reason: 'drained', code: null, response, retryAfterMs: null };
}

// RFC 5321 §4.2.1: 4xx asks for another try, 5xx forbids it. 421 may come at any point (§3.8).
function answered(failure: SmtpFailure, replyCode: number, stage: SmtpStage): SendOutcome {
  const code = String(replyCode);
  const response = failure.response ?? failure.message;
  const tryAgain = (reason: TryAgainReason, speaksOf?: SpeaksOf): SendOutcome => ({
    kind: 'tryAgain',
    reason,
    code,
    response,
    retryAfterMs: wishIn(response),
    ...(speaksOf === undefined ? {} : { speaksOf }),
  });
  // RFC 4954 §6: the credentials are wrong or missing. An operator mends that, so the message waits.
  if ([530, 534, 535, 538].includes(replyCode)) return tryAgain('credentials-refused', 'account');
  const forGood = replyCode >= 500 && replyCode < 600;
  if (failure.code === 'EAUTH') {
    return forGood ? tryAgain('credentials-refused', 'account') : tryAgain('provider-error', 'provider');
  }
  const forNow = replyCode === 421 ? 'provider-busy' : 'provider-error';
  // A greeting or EHLO: the server refuses this client, not this message.
  if (stage === 'connecting') return tryAgain(forNow, 'provider');
  const command = failure.command ?? '';
  const reason = refusals[command];
  if (forGood && reason) return { kind: 'refused', reason, code, response };
  const isRecipients = command === 'RCPT TO' && replyCode !== 421;
  return tryAgain(isRecipients ? 'recipient-deferred' : forNow, whoseDelay(replyCode, response));
}

// By the command that was refused; nodemailer names the reply after the body `DATA` too, and a 421 as it likes.
const refusals: Readonly<Record<string, RefusalReason>> = {
  'MAIL FROM': 'sender-refused',
  'RCPT TO': 'recipient-refused',
  DATA: 'message-refused',
};

const aboutPace = /\b(?:rate|throttl\w*|too many|too much|too fast|busy|overload\w*|limit\w*|resources)\b/i;
const aboutStrangers = /gr[ea]y-?list/i;

/**
 * Who is put off by a 4yz within a message. The enhanced status code tells it (RFC 3463 §3), the subject being its second
 * number: an address (1) or a mailbox (2, a full one as well) is that recipient's own affair, and so is the content (6).
 * Security or policy (7) is a greylisting (4.7.1, as a rule) unless the text speaks of the pace or the detail is
 * one of Exchange Online's for it (4.7.500 and above). All the rest, and 421 always, is the domain's.
 */
function whoseDelay(replyCode: number, response: string): SpeaksOf | undefined {
  if (replyCode === 421) return 'domain';
  if (![450, 451, 452].includes(replyCode)) return undefined;
  if (aboutStrangers.test(response)) return 'stranger';
  const [, subject, detail] = /\b4\.(\d{1,3})\.(\d{1,3})\b/.exec(response) ?? [];
  if (subject !== undefined && ['1', '2', '6'].includes(subject)) return undefined;
  if (aboutPace.test(response)) return 'domain';
  return subject === '7' && Number(detail) < 500 ? 'stranger' : 'domain';
}

const unitMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 };
const longestWishMs = 24 * 3_600_000;

/** Milliseconds that a reply asks to wait: `try again in 5 minutes`, `retry after 300 seconds`. Null when it names none. */
function wishIn(response: string): number | null {
  const wish = /\b(?:in|after|for|within)\s+(\d{1,6})\s*(s|m|h)(?:ec(?:ond)?s?|in(?:ute)?s?|ours?|rs?)?\b/i.exec(
    response,
  );
  const [, count, unit = ''] = wish ?? [];
  if (count === undefined) return null;
  return Math.min(longestWishMs, Number(count) * (unitMs[unit.toLowerCase()] ?? 0));
}

function unanswered(failure: SmtpFailure, stage: SmtpStage): SendOutcome {
  const refused = (reason: 'message-refused' | 'recipient-refused' | 'sender-refused'): SendOutcome => ({
    kind: 'refused',
    reason,
    code: null,
    response: failure.message,
  });
  // Larger than the size that the server announced (RFC 1870): nodemailer does not even ask.
  if (failure.code === 'EMESSAGE') return refused('message-refused');
  if (failure.code === 'EENVELOPE' && failure.command === 'API') {
    return refused(failure.message.startsWith('Invalid sender') ? 'sender-refused' : 'recipient-refused');
  }
  const isAuth = failure.code === 'EAUTH';
  return {
    kind: 'tryAgain',
    reason: isAuth ? 'credentials-refused' : 'connection-failed',
    code: failure.code ?? null,
    response: failure.message,
    retryAfterMs: null,
    speaksOf: isAuth ? 'account' : stage === 'connecting' ? 'provider' : 'exchange',
  };
}

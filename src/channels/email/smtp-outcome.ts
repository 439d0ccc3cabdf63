import type { SendOutcome, TryAgainReason } from '../../domain/send-outcome.ts';

/** What nodemailer tells about a failure: `responseCode` and `response` are the server's, when it answered at all. */
export type SmtpFailure = {
  readonly message: string;
  readonly code?: string | undefined;
  readonly command?: string | undefined;
  readonly response?: string | undefined;
  readonly responseCode?: number | undefined;
};

/**
 * What a failed hand-over means. The rule: an answer is an answer at any point; without one, everything before the
 * body's first byte is certainly not taken, everything after it may have been.
 */
export function smtpOutcome(failure: SmtpFailure, bodyBegan: boolean): SendOutcome {
  if (failure.responseCode !== undefined) return answered(failure, failure.responseCode);
  if (bodyBegan) {
    const reason = failure.code === 'ETIMEDOUT' ? 'no-answer' : 'connection-lost';
    return { kind: 'unknown', reason, response: failure.message };
  }
  return unanswered(failure);
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
function answered(failure: SmtpFailure, replyCode: number): SendOutcome {
  const code = String(replyCode);
  const response = failure.response ?? failure.message;
  const tryAgain = (reason: TryAgainReason): SendOutcome => ({
    kind: 'tryAgain',
    reason,
    code,
    response,
    retryAfterMs: null,
  });
  if (replyCode === 421) return tryAgain('provider-busy');
  // RFC 4954 §6: the credentials are wrong or missing. An operator mends that, so the message waits.
  if ([530, 534, 535, 538].includes(replyCode)) return tryAgain('credentials-refused');
  const forGood = replyCode >= 500 && replyCode < 600;
  if (failure.code === 'EAUTH') return tryAgain(forGood ? 'credentials-refused' : 'provider-error');
  switch (failure.command ?? '') {
    case 'RCPT TO':
      return forGood
        ? { kind: 'refused', reason: 'recipient-refused', code, response }
        : tryAgain('recipient-deferred');
    case 'MAIL FROM':
      return forGood ? { kind: 'refused', reason: 'sender-refused', code, response } : tryAgain('provider-error');
    case 'DATA':
      return forGood ? { kind: 'refused', reason: 'message-refused', code, response } : tryAgain('provider-error');
    default:
      // A greeting or EHLO: the server refuses this client, not this message.
      return tryAgain('provider-error');
  }
}

function unanswered(failure: SmtpFailure): SendOutcome {
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
  return {
    kind: 'tryAgain',
    reason: failure.code === 'EAUTH' ? 'credentials-refused' : 'connection-failed',
    code: failure.code ?? null,
    response: failure.message,
    retryAfterMs: null,
  };
}

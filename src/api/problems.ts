/**
 * Every problem that the API answers with (RFC 9457). One table: the replies, the OpenAPI page and docs/problems.md
 * are made from it.
 */
export const problems = {
  'invalid-request': { status: 400, title: 'The request does not have the form it should have' },
  'idempotency-key-missing': { status: 400, title: 'The header Idempotency-Key is required here' },
  'idempotency-key-invalid': { status: 400, title: 'The Idempotency-Key must have 1 to 255 visible characters' },
  unauthorized: { status: 401, title: 'No valid API key or session came with the request' },
  'quota-exhausted': { status: 402, title: 'The plan has no sends left' },
  forbidden: { status: 403, title: 'The key or session may not do this' },
  'not-found': { status: 404, title: 'There is no such thing' },
  'method-not-allowed': { status: 405, title: 'The address is right, the method is not' },
  'due-date-settled': { status: 409, title: 'The due date is paid' },
  'due-date-void': { status: 409, title: 'The due date is void' },
  'nothing-received': { status: 409, title: 'Nothing was received yet: there is nothing to thank for' },
  'not-receivable': { status: 409, title: 'The due date is payable: nobody owes us this' },
  'recently-reminded': { status: 409, title: 'A reminder went out too recently' },
  'reminder-not-cancelable': { status: 409, title: 'The reminder can no longer be canceled' },
  'reminder-not-retryable': { status: 409, title: 'The reminder cannot be tried again from its status' },
  'reminder-not-resolvable': { status: 409, title: 'Only an unknown reminder can be resolved' },
  'idempotency-key-in-flight': { status: 409, title: 'An equal request is still being worked on' },
  conflict: { status: 409, title: 'The change conflicts with what is there' },
  'precondition-failed': { status: 412, title: 'It has changed since: If-Match does not match' },
  'content-too-large': { status: 413, title: 'The body is too large' },
  'unsupported-media-type': { status: 415, title: 'The body has a type that is not read here' },
  'no-recipient': { status: 422, title: 'There is nobody to send to' },
  'channel-not-configured': { status: 422, title: 'The channel is not set up' },
  'idempotency-key-reused': { status: 422, title: 'The Idempotency-Key was used for another request' },
  'payment-reused': { status: 422, title: 'The payment ref was used for another amount or day' },
  'unreadable-invoice': { status: 422, title: 'The invoice cannot be read' },
  'unreadable-document': { status: 422, title: 'The document is no PDF' },
  'too-many-requests': { status: 429, title: 'Too many requests' },
  'internal-error': { status: 500, title: 'Something broke on our side' },
  unavailable: { status: 503, title: 'A part that this needs is not available' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ProblemName = keyof typeof problems;

/** One thing wrong with the request. `path` is a JSON Pointer into the body, or `/query/limit`, `/path/ref`, `/header/if-match`. */
export type FieldError = { path: string; code: string; message: string };

/** Thrown by a handler, or returned for an item of a batch: the caller reads it as application/problem+json. */
export class Problem extends Error {
  readonly problem: ProblemName;
  readonly errors: readonly FieldError[];
  readonly retryAfterSeconds: number | undefined;

  constructor(
    problem: ProblemName,
    detail: string,
    more: { errors?: readonly FieldError[]; retryAfterSeconds?: number } = {},
  ) {
    super(detail);
    this.name = 'Problem';
    this.problem = problem;
    this.errors = more.errors ?? [];
    this.retryAfterSeconds = more.retryAfterSeconds;
  }

  get status(): number {
    return problems[this.problem].status;
  }
}

/** The body of a problem, in the order a person reads it. */
export function problemBody(problem: Problem, requestId: string): Record<string, unknown> {
  return {
    type: `urn:sollecito:problem:${problem.problem}`,
    title: problems[problem.problem].title,
    status: problem.status,
    detail: problem.message,
    requestId,
    ...(problem.errors.length > 0 ? { errors: problem.errors } : {}),
  };
}

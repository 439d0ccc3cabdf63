/** The headers that replies carry beside the usual ones, as the OpenAPI page tells them. An operation names its own. */
export const replyHeaders = {
  ETag: 'The version of what is shown: send it as If-Match with a change',
  Location: 'Where it can be read',
  'Idempotent-Replayed': '`true` when this is the first reply once more',
  'Content-Disposition': 'Its file name',
} as const;

export type ReplyHeader = keyof typeof replyHeaders;

import type { IncomingMessage } from 'node:http';

/** A request's body as text, or undefined when it is longer than `mostBytes`. Rejects when it broke off. */
export async function readBody(request: IncomingMessage, mostBytes: number): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    const part = Buffer.from(chunk);
    bytes += part.length;
    // Read to its end all the same: leaving would close the connection before the answer.
    if (bytes <= mostBytes) chunks.push(part);
  }
  return bytes > mostBytes ? undefined : Buffer.concat(chunks).toString('utf8');
}

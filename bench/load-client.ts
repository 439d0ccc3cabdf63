import { randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';
import { z } from 'zod';
import { serve } from './child.ts';
import { percentile } from './percentile.ts';

// Posts single requests, so many in flight, over connections that stay open. One question is one run.

const run = z.object({
  url: z.string(),
  key: z.string(),
  count: z.number(),
  inFlight: z.number(),
  dueDates: z.array(z.string()),
});
export type Run = z.infer<typeof run>;

const agents = new Map<number, Agent>();

serve(async (message) => {
  const parsed = run.safeParse(message);
  return parsed.success ? await post(parsed.data) : { ready: true };
});

async function post({ url, key, count, inFlight, dueDates }: Run) {
  const agent = agents.get(inFlight) ?? new Agent({ keepAlive: true, maxSockets: inFlight });
  agents.set(inFlight, agent);
  const milliseconds: number[] = [];
  let next = 0;
  const begun = performance.now();
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      while (next < count) {
        const body = JSON.stringify({ dueDate: dueDates[next++ % dueDates.length], channel: 'email' });
        const sent = performance.now();
        const status = await postOne(agent, url, key, body);
        if (status !== 202) throw new Error(`${url} answered ${status}`);
        milliseconds.push(performance.now() - sent);
      }
    }),
  );
  const seconds = (performance.now() - begun) / 1_000;
  return { perSecond: count / seconds, p50: percentile(milliseconds, 0.5), p99: percentile(milliseconds, 0.99) };
}

function postOne(agent: Agent, url: string, key: string, body: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'idempotency-key': randomUUID(),
    };
    const call = request(url, { agent, method: 'POST', headers }, (response) => {
      response.resume();
      response.once('end', () => resolve(response.statusCode ?? 0));
      response.once('error', reject);
    });
    call.once('error', reject);
    call.end(body);
  });
}

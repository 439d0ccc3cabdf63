import { Socket } from 'node:net';
import { createTransport } from 'nodemailer';
import { expect } from 'vitest';
import type { Mix } from '../../chaos/providers/faults.ts';
import type { Exchange } from '../../chaos/providers/ledger.ts';
import { Providers, type ProvidersOptions } from '../../chaos/providers/providers.ts';

export const delivery = 'dlv_01hzy3v7q9e8r5t2w4x6a8b0cd';
export const reminder = 'rem_01hzy3v7q9e8r5t2w4x6a8b0ce';
export const recipient = 'anna@example.it';
export const number = '+393331234567';
const fair: Mix = {
  greeting: [['ordinary', 1]],
  sender: [['ordinary', 1]],
  message: [['ordinary', 1]],
  sms: [['ordinary', 1]],
};

type World = { providers: Providers } & Awaited<ReturnType<Providers['start']>>;

export const ends: (() => Promise<unknown>)[] = [];

/** Ends what a test started: for `afterEach`. */
export async function endAll(): Promise<void> {
  for (const end of ends.splice(0)) await end();
}

/** Both providers, ordinary but for what the mix says. */
export async function world(mix: Partial<Mix>, options: Partial<ProvidersOptions> = {}): Promise<World> {
  const providers = new Providers({ seed: 'a', scale: 0.001, mix: { ...fair, ...mix }, ...options });
  const ports = await providers.start();
  ends.push(() => providers.stop());
  return { providers, ...ports };
}

/**
 * Hands one email over, on a connection of its own, which is given up when `leave` resolves or nothing came for
 * `silenceMs`. @returns the reply's code, or `none`
 */
export async function email(
  port: number,
  { to = recipient, text = 'Dear Anna', leave, silenceMs = 30_000 }: Wish & { silenceMs?: number } = {},
): Promise<number | 'none'> {
  const socket = new Socket();
  void leave?.then(() => socket.destroy());
  const transport = createTransport({ host: '127.0.0.1', port, socket, socketTimeout: silenceMs });
  try {
    const { response } = await transport.sendMail({
      envelope: { from: `bounce+${delivery}@example.com`, to },
      from: 'invoices@example.com',
      to,
      messageId: `<${reminder}.0.2@example.com>`,
      headers: { 'X-Sollecito-Reminder': reminder, 'X-Sollecito-Resend': '1' },
      text,
    });
    return Number(response.slice(0, 3));
  } catch (error) {
    return (error as { responseCode?: number }).responseCode ?? 'none';
  } finally {
    transport.close();
  }
}

/** Posts one SMS; the request is given up when `leave` resolves. @returns the answer, or `none` */
export async function sms(
  port: number,
  { to = number, idx = `${delivery}-0`, text = 'Dear Anna', leave }: Wish & { idx?: string } = {},
): Promise<{ status: number; body: unknown; retryAfter: string | null } | 'none'> {
  const givenUp = new AbortController();
  void leave?.then(() => givenUp.abort());
  try {
    const response = await fetch(`http://127.0.0.1:${port}/sms.do`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer a' },
      body: JSON.stringify({ to, message: text, idx, check_idx: true }),
      signal: givenUp.signal,
    });
    return { status: response.status, body: await response.json(), retryAfter: response.headers.get('retry-after') };
  } catch {
    return 'none';
  }
}

type Wish = { to?: string; text?: string; leave?: Promise<unknown> | undefined };

/** Resolves when the whole of the first message is there. */
export async function received(providers: Providers): Promise<void> {
  await expect.poll(() => providers.book.exchanges[0]?.reached, { timeout: 10_000 }).toBe('received');
}

/** @returns the answer's body, or the status of one that is no success. */
export async function control(port: number, where: string, body?: unknown): Promise<unknown> {
  const response = await fetch(`http://127.0.0.1:${port}${where}`, {
    method: body === undefined ? 'GET' : 'POST',
    body: body === undefined ? null : JSON.stringify(body),
  });
  return response.ok ? await response.json() : response.status;
}

/** What became of an exchange, once it has ended. */
export async function ended(providers: Providers, index = 0): Promise<Partial<Exchange>> {
  await expect.poll(() => providers.book.exchanges[index]?.end, { timeout: 10_000 }).not.toBe('open');
  const { reached, end, answer, taken, fault } = providers.book.exchanges[index] ?? {};
  return { reached, end, answer, taken, fault } as Partial<Exchange>;
}

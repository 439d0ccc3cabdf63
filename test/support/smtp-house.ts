import { afterEach, beforeEach } from 'vitest';
import { SmtpGateway, type SmtpSlot } from '../../src/channels/email/smtp-gateway.ts';
import { parseSmtpUrl, type SmtpServer } from '../../src/channels/email/smtp-server.ts';
import type { SendOutcome } from '../../src/domain/send-outcome.ts';
import { FaultySmtp } from './faulty-smtp.ts';

export const never = new AbortController().signal;
export const message = Buffer.from('Subject: a\r\n\r\nfirst\r\n.dot\r\nlast');
const hour = 3_600_000;

/** A mail server of each test's own, and gateways to it that end with the test. */
export class SmtpHouse {
  smtp = new FaultySmtp();
  readonly #gateways: SmtpGateway[] = [];

  constructor() {
    beforeEach(async () => {
      this.smtp = new FaultySmtp();
      await this.smtp.start();
    });
    afterEach(async () => {
      await this.smtp.stop();
      for (const gateway of this.#gateways.splice(0)) await gateway.stop();
    });
  }

  server(url = this.smtp.url): SmtpServer {
    const parsed = parseSmtpUrl(url);
    if (!parsed) throw new Error('not an SMTP URL');
    return parsed;
  }

  async gatewayTo(at: SmtpServer, connections = 2, connectTimeoutMs = 2_000): Promise<SmtpGateway> {
    const gateway = new SmtpGateway({ server: at, connections, connectTimeoutMs });
    this.#gateways.push(gateway);
    await gateway.start();
    return gateway;
  }
}

export async function reserved(gateway: SmtpGateway): Promise<SmtpSlot> {
  const reservation = await gateway.reserve(never);
  if (reservation.kind === 'failed') throw new Error(reservation.outcome.response);
  return reservation.slot;
}

export async function handOver(slot: SmtpSlot, to = 'a@example.it', timeMs = hour): Promise<SendOutcome> {
  const envelope = { from: 'bounce@example.it', to };
  return await slot.send({ envelope, message, deadline: Date.now() + timeMs, now: Date.now });
}

export async function sendOne(gateway: SmtpGateway, to = 'a@example.it', timeMs = hour): Promise<SendOutcome> {
  const slot = await reserved(gateway);
  const outcome = await handOver(slot, to, timeMs);
  slot.release();
  return outcome;
}

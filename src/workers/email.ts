import { assembleMime, buildMime } from '../channels/email/mime.ts';
import type { SmtpGateway, SmtpSlot } from '../channels/email/smtp-gateway.ts';
import type { DeliveryFacts, DueDateFacts } from '../domain/delivery-facts.ts';
import { withDistinctNames } from '../domain/due-date-document.ts';
import { emailSender } from '../domain/sender.ts';
import { formatId } from '../domain/ids.ts';
import type { Clock } from '../domain/clock.ts';
import { composeEmail } from '../templates/compose-email.ts';
import { messageFacts, wishOf } from '../templates/message-facts.ts';
import { type Desk, type Prepared, Unpreparable } from './delivery-worker.ts';
import type { Documents } from './documents.ts';
import { EncodedAttachments } from './encoded-attachments.ts';

export type EmailDeskOptions = {
  gateway: SmtpGateway;
  documents: Documents;
  clock: Clock;
  /** The service's own address: the return path, and the sender of tenants without one. */
  mailFrom: { name: string | null; address: string };
};

const mostKeptBytes = 32 * 2 ** 20;

/** Emails: MJML and text, the documents attached, over SMTP. */
export class EmailDesk implements Desk<SmtpSlot> {
  readonly channel = 'email';
  readonly #options: EmailDeskOptions;
  readonly #encoded = new EncodedAttachments(mostKeptBytes);

  constructor(options: EmailDeskOptions) {
    this.#options = options;
  }

  async reserve(signal: AbortSignal) {
    return this.#options.gateway.reserve(signal);
  }

  async prepare(facts: DeliveryFacts, dueDates: DueDateFacts[], now: Temporal.Instant): Promise<Prepared<SmtpSlot>> {
    const { documents, gateway: _gateway, clock } = this.#options;
    const composed = await composeEmail(messageFacts(facts, dueDates, now, null), wishOf(facts.reminder));
    if (composed.kind === 'problem') throw new Unpreparable(composed.problem.kind);
    const attached = facts.reminder.attachDocument ? await documents.stored(dueDates) : [];
    const { rendered, template } = composed.email;
    const { skeleton } = await buildMime({
      ...this.#head(facts, now),
      ...rendered,
      attachments: withDistinctNames(attached),
    });
    const message = assembleMime(
      skeleton,
      new Map(attached.map((document) => [document.sha256, this.#encoded.of(document)])),
    );
    const sender = returnPath(this.#options.mailFrom.address, facts);
    return {
      message: {
        sender,
        content: skeleton.toString('utf8'),
        template: `${template.key} ${template.version} ${template.locale}`,
        documentIds: attached.map((document) => document.id),
      },
      handOver: async (slot, deadline) =>
        slot.send({
          envelope: { from: sender, to: facts.delivery.recipient },
          message,
          deadline: deadline.epochMilliseconds,
          now: () => clock.now().epochMilliseconds,
        }),
    };
  }

  #head(facts: DeliveryFacts, now: Temporal.Instant) {
    const { tenant, reminder, delivery } = facts;
    const { mailFrom } = this.#options;
    return {
      messageId: messageId(mailFrom.address, facts),
      date: new Date(now.epochMilliseconds),
      from: emailSender(tenant, mailFrom.address),
      // Each sees itself and the copies; a copy sees to whom it was sent.
      to: reminder.cc.includes(delivery.recipient) ? mainRecipients(facts) : [delivery.recipient],
      cc: reminder.cc,
      replyTo: reminder.replyTo ?? tenant.replyTo,
      headers: {
        'X-Sollecito-Reminder': formatId('reminder', reminder.id),
        ...(delivery.resends > 0 ? { 'X-Sollecito-Resend': String(delivery.resends) } : {}),
      },
    };
  }
}

/** From the reminder's id; its recipients and its repeats by decision have their own. */
export function messageId(serviceAddress: string, { reminder, delivery }: DeliveryFacts): string {
  const parts = [formatId('reminder', reminder.id), delivery.position, delivery.generation];
  return `<${parts.join('.')}@${serviceAddress.split('@')[1] ?? 'localhost'}>`;
}

function mainRecipients({ reminder }: DeliveryFacts): string[] {
  return reminder.addressed.filter((recipient) => !reminder.cc.includes(recipient));
}

/** VERP: the return path names the delivery, so that a bounce finds it whatever it quotes. */
function returnPath(serviceAddress: string, { delivery }: DeliveryFacts): string {
  const [local = '', domain = ''] = serviceAddress.split('@');
  return `${local}+${formatId('delivery', delivery.id)}@${domain}`;
}

import { drawInlineImages } from '../channels/email/inline-images.ts';
import { assembleMime, buildMime } from '../channels/email/mime.ts';
import type { SmtpGateway, SmtpSlot } from '../channels/email/smtp-gateway.ts';
import { messageIdOf, threadHeaders } from '../channels/email/thread.ts';
import type { DeliveryFacts, DueDateFacts } from '../domain/delivery-facts.ts';
import { withDistinctNames } from '../domain/due-date-document.ts';
import { emailSender } from '../domain/sender.ts';
import { formatId } from '../domain/ids.ts';
import type { Clock } from '../domain/clock.ts';
import type { StoredDocument } from '../store/documents.ts';
import { composeEmail, type ComposedEmail } from '../templates/compose-email.ts';
import { messageFacts, wishOf } from '../templates/message-facts.ts';
import { type keptReady, standingTemplate } from '../templates/own/standing.ts';
import { type Desk, type Prepared, Unpreparable } from './delivery-worker.ts';
import type { Documents } from './documents.ts';
import { EmailSigning } from './email-signing.ts';
import { EncodedAttachments } from './encoded-attachments.ts';
import { type FindImage, keptImages } from './kept-images.ts';

export type EmailDeskOptions = {
  gateway: SmtpGateway;
  documents: Documents;
  clock: Clock;
  /** The service's own address: the return path, and the sender of tenants without one. */
  mailFrom: { name: string | null; address: string };
  findImage: FindImage;
  /** Reads a version of a tenant's template, kept ready. */
  loadTemplate: ReturnType<typeof keptReady>;
  /** Opens a tenant's signing key; undefined when that cannot be done. */
  openSecret: (sealed: string) => string | undefined;
};

const mostKeptBytes = 32 * 2 ** 20;

/** Emails: MJML and text, the documents attached, over SMTP. */
export class EmailDesk implements Desk<SmtpSlot> {
  readonly channel = 'email';
  readonly #options: EmailDeskOptions;
  readonly #encoded = new EncodedAttachments(mostKeptBytes);
  readonly #findImage: FindImage;
  readonly #signing: EmailSigning;

  constructor(options: EmailDeskOptions) {
    this.#options = options;
    this.#findImage = keptImages(options.findImage);
    this.#signing = new EmailSigning(options.openSecret);
  }

  async reserve(signal: AbortSignal) {
    return this.#options.gateway.reserve(signal);
  }

  async prepare(facts: DeliveryFacts, dueDates: DueDateFacts[], now: Temporal.Instant): Promise<Prepared<SmtpSlot>> {
    const { documents, clock } = this.#options;
    const said = messageFacts(facts, dueDates, now, null);
    const wish = wishOf(facts.reminder);
    const own = await standingTemplate(facts.tenant, said, { ...wish, channel: 'email' }, this.#options.loadTemplate);
    const composed = await composeEmail(said, wish, own);
    if (composed.kind === 'problem') throw new Unpreparable(composed.problem.kind);
    const attached = facts.reminder.attachDocument ? await documents.stored(dueDates) : [];
    const { rendered, template, inlineImages } = composed.email;
    const { skeleton, message } = await this.#whole(facts, now, { ...rendered, inlineImages, attached });
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

  /** The message as it leaves, and what of it is kept: less the bodies that are kept elsewhere. */
  async #whole(
    facts: DeliveryFacts,
    now: Temporal.Instant,
    { attached, inlineImages, ...rendered }: Content,
  ): Promise<{ skeleton: Buffer; message: Buffer }> {
    const images = await drawInlineImages(inlineImages, async (sha256) => this.#findImage(facts.tenant.id, sha256));
    const head = this.#head(facts, now);
    const { skeleton } = await buildMime({
      ...head,
      ...rendered,
      inlineImages: images,
      attachments: withDistinctNames(attached),
    });
    const keptElsewhere = [
      ...attached,
      ...images.flatMap(({ keptAs, bytes }) => (keptAs === null ? [] : [{ sha256: keptAs, bytes }])),
    ];
    const message = assembleMime(skeleton, new Map(keptElsewhere.map((body) => [body.sha256, this.#encoded.of(body)])));
    // The signature covers the whole and stands before it, so what is kept rebuilds it to the byte.
    const signature = Buffer.from(await this.#signing.headerFor(message, head.from.address, facts.tenant.dkim, now));
    return { skeleton: Buffer.concat([signature, skeleton]), message: Buffer.concat([signature, message]) };
  }

  #head(facts: DeliveryFacts, now: Temporal.Instant) {
    const { tenant, reminder, delivery } = facts;
    const { mailFrom } = this.#options;
    const domain = domainOf(mailFrom.address);
    const { threadIndex, ...thread } = threadHeaders(facts.thread, domain);
    return {
      messageId: messageIdOf({ reminderId: reminder.id, ...delivery }, domain),
      ...thread,
      date: new Date(now.epochMilliseconds),
      from: emailSender(tenant, mailFrom.address),
      // Each sees itself and the copies; a copy sees to whom it was sent.
      to: reminder.cc.includes(delivery.recipient) ? mainRecipients(facts) : [delivery.recipient],
      cc: reminder.cc,
      replyTo: reminder.replyTo ?? tenant.replyTo,
      headers: {
        'X-Sollecito-Reminder': formatId('reminder', reminder.id),
        ...(threadIndex === null ? {} : { 'Thread-Index': threadIndex }),
        ...(delivery.resends > 0 ? { 'X-Sollecito-Resend': String(delivery.resends) } : {}),
      },
    };
  }
}

type Content = Pick<ComposedEmail, 'inlineImages'> &
  ComposedEmail['rendered'] & { readonly attached: StoredDocument[] };

function domainOf(address: string): string {
  return address.split('@')[1] ?? 'localhost';
}

function mainRecipients({ reminder }: DeliveryFacts): string[] {
  return reminder.addressed.filter((recipient) => !reminder.cc.includes(recipient));
}

/** VERP: the return path names the delivery, so that a bounce finds it whatever it quotes. */
function returnPath(serviceAddress: string, { delivery }: DeliveryFacts): string {
  const [local = '', domain = ''] = serviceAddress.split('@');
  return `${local}+${formatId('delivery', delivery.id)}@${domain}`;
}

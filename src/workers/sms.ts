import type { SmsapiGateway, SmsSlot } from '../channels/sms/smsapi-gateway.ts';
import type { Clock } from '../domain/clock.ts';
import type { DeliveryFacts, DueDateFacts } from '../domain/delivery-facts.ts';
import { signDocumentLink } from '../domain/document-link.ts';
import { formatId } from '../domain/ids.ts';
import { smsSender } from '../domain/sender.ts';
import { composeSms } from '../templates/compose-sms.ts';
import { messageFacts, wishOf } from '../templates/message-facts.ts';
import { type keptReady, standingTemplate } from '../templates/own/standing.ts';
import { type Desk, type Prepared, Unpreparable } from './delivery-worker.ts';
import type { Documents } from './documents.ts';

export type SmsDeskOptions = {
  gateway: SmsapiGateway;
  documents: Documents;
  clock: Clock;
  /** Known once the API listens. */
  publicUrl: () => string;
  secretKeys: readonly string[];
  /** The sender name of tenants without one. */
  smsFrom: string | null;
  /** Reads a version of a tenant's template, kept ready. */
  loadTemplate: ReturnType<typeof keptReady>;
};

/** SMS: a short text with a signed link to the document, over SMSAPI. */
export class SmsDesk implements Desk<SmsSlot> {
  readonly channel = 'sms';
  readonly #options: SmsDeskOptions;

  constructor(options: SmsDeskOptions) {
    this.#options = options;
  }

  async reserve(signal: AbortSignal) {
    return this.#options.gateway.reserve(signal);
  }

  async prepare(facts: DeliveryFacts, dueDates: DueDateFacts[], now: Temporal.Instant): Promise<Prepared<SmsSlot>> {
    const { documents, clock, publicUrl, secretKeys } = this.#options;
    // One link, to the first document: an SMS has room for no more.
    const linked = facts.reminder.attachDocument ? await documents.stored(dueDates.slice(0, 1)) : [];
    const [document] = linked;
    const url = document ? `${publicUrl()}/d/${signDocumentLink(document, now, secretKeys)}` : null;
    const { smsMaxSegments } = facts.tenant;
    const said = messageFacts(facts, dueDates, now, url);
    const wish = wishOf(facts.reminder);
    const own = await standingTemplate(facts.tenant, said, { ...wish, channel: 'sms' }, this.#options.loadTemplate);
    const composed = composeSms(said, wish, smsMaxSegments, own);
    if (composed.kind === 'problem') throw new Unpreparable(composed.problem.kind);
    const { rendered, template } = composed.sms;
    const sender = smsSender(facts.tenant, this.#options.smsFrom);
    return {
      message: {
        sender: sender ?? '',
        content: rendered.text,
        template: `${template.key} ${template.version} ${template.locale}`,
        documentIds: linked.map(({ id }) => id),
      },
      handOver: async (slot, deadline) =>
        slot.send({
          to: facts.delivery.recipient,
          text: rendered.text,
          from: sender,
          idx: messageIdx(facts),
          deadline: deadline.epochMilliseconds,
          now: () => clock.now().epochMilliseconds,
        }),
    };
  }
}

/** What makes a repeat safe: automatic ones keep it (the provider drops the double), a repeat by decision has a new one. */
function messageIdx({ delivery }: DeliveryFacts): string {
  return `${formatId('delivery', delivery.id)}-${delivery.generation}`;
}

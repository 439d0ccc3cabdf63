import { drawInlineImages, withImagesInside } from '../channels/email/inline-images.ts';
import type { DeliveryFacts, DueDateFacts } from '../domain/delivery-facts.ts';
import { documentTokenLength } from '../domain/document-link.ts';
import type { InlineImage } from '../domain/inline-image.ts';
import type { MessageFacts } from '../domain/message-facts.ts';
import { findImage } from '../store/images.ts';
import { findTemplate } from '../store/templates.ts';
import { composeEmail, type EmailWish } from '../templates/compose-email.ts';
import { composeSms } from '../templates/compose-sms.ts';
import { messageFacts, wishOf } from '../templates/message-facts.ts';
import type { OwnTemplate } from '../templates/own/own-template.ts';
import { type LoadTemplate, readyVersion, standingTemplate } from '../templates/own/standing.ts';
import type { ComposeProblem } from '../templates/placeholders.ts';
import type { Call } from './operation.ts';
import { Problem } from './problems.ts';

type PlainCall = Pick<Call<unknown, unknown, unknown>, 'parts' | 'caller'>;

/** A message as it would leave, composed as a worker composes it. @param own instead of the template that stands. */
export async function previewMessage(
  call: PlainCall,
  facts: DeliveryFacts,
  dueDates: DueDateFacts[],
  at: Temporal.Instant,
  own?: OwnTemplate | null,
) {
  const { channel, attachDocument } = facts.reminder;
  const url = channel === 'sms' && attachDocument ? linkLike(call) : null;
  const message = messageFacts(facts, dueDates, at, url);
  const wish = wishOf(facts.reminder);
  const load = loadTemplate(call);
  const stands = async () =>
    standingTemplate(facts.tenant, message, { ...wish, channel }, async (...asked) => readyVersion(load, ...asked));
  const chosen = own === undefined ? await stands() : own;
  return composed(call, message, { channel, wish, own: chosen, maxSegments: facts.tenant.smsMaxSegments });
}

/** The same of facts that are no delivery's. Throws Problem `invalid-request`. */
export async function composed(
  call: PlainCall,
  message: MessageFacts,
  asked: { channel: 'email' | 'sms'; wish: EmailWish; own: OwnTemplate | null; maxSegments: number },
) {
  const { wish, own, maxSegments } = asked;
  if (asked.channel === 'email') {
    const made = await composeEmail(message, wish, own);
    if (made.kind === 'problem') throw cannotCompose(made.problem);
    const { subject, message: text, rendered, showsAmount } = made.email;
    const html = await withImages(call, rendered.html, made.email.inlineImages);
    const json = { subject, message: text, html, text: rendered.text, sms: null };
    return { json, subjectShown: rendered.subject, shortened: false, showsAmount };
  }
  const made = composeSms(message, wish, maxSegments, own);
  if (made.kind === 'problem') throw cannotCompose(made.problem);
  const { message: text, rendered, shortened, showsAmount } = made.sms;
  const sms = { ...rendered, maxSegments };
  const json = { subject: null, message: text, html: null, text: null, sms };
  return { json, subjectShown: null, shortened, showsAmount };
}

/** A link to a document, as long as a real one. */
export function linkLike({ parts }: PlainCall): string {
  return `${parts.sender.publicUrl}/d/${'x'.repeat(documentTokenLength)}`;
}

export const amountNotShown = ['amount-not-shown', 'The message does not say how much is still open.'] as const;

export function loadTemplate({ parts, caller }: PlainCall): LoadTemplate {
  return async (_tenant, name, version) =>
    parts.database.tenantTransaction(caller.tenant, (client) => findTemplate(client, caller.tenant, name, version));
}

// A page has no message beside it to take its images from.
async function withImages({ parts, caller }: PlainCall, html: string, wanted: readonly InlineImage[]): Promise<string> {
  const images = await drawInlineImages(wanted, async (sha256) =>
    parts.database.tenantTransaction(caller.tenant, async (client) => findImage(client, caller.tenant, sha256)),
  );
  return withImagesInside(html, images);
}

function cannotCompose({ kind, ...more }: ComposeProblem): Problem {
  const path = 'field' in more ? `/${more.field}` : '/template';
  const limit = kind === 'too-long' && 'limit' in more ? ` (at most ${more.limit} ${more.unit})` : '';
  const why = 'text' in more ? `: ${more.text}` : limit;
  const errors = [{ path, code: kind, message: `cannot be composed${why}` }];
  return new Problem('invalid-request', `The text cannot be composed: ${kind}${limit}.`, { errors });
}

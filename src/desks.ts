import type { SmsapiGateway } from './channels/sms/smsapi-gateway.ts';
import { openSecret } from './domain/sealed-secret.ts';
import type { Foundation } from './foundation.ts';
import type { emailGateway } from './gateways.ts';
import { findImage } from './store/images.ts';
import { findTemplate } from './store/templates.ts';
import { keptReady } from './templates/own/standing.ts';
import type { Documents } from './workers/documents.ts';
import { EmailDesk } from './workers/email.ts';
import { SmsDesk } from './workers/sms.ts';

/** What every desk works with. `publicUrl` is known once the API listens. */
export type DeskParts = {
  foundation: Foundation;
  documents: Documents;
  publicUrl: () => string;
  smsFrom: string | null;
};

export function emailDesk(
  { gateway, mailFrom }: NonNullable<ReturnType<typeof emailGateway>>,
  { foundation, documents }: DeskParts,
): EmailDesk {
  const { clock, secretKeys, service } = foundation;
  return new EmailDesk({
    gateway,
    documents,
    clock,
    mailFrom,
    findImage: async (tenant, sha256) => findImage(service.pool, tenant, sha256),
    loadTemplate: templates(foundation),
    openSecret: (sealed) => openSecret(sealed, secretKeys),
  });
}

export function smsDesk(gateway: SmsapiGateway, { foundation, documents, publicUrl, smsFrom }: DeskParts): SmsDesk {
  const { clock, secretKeys } = foundation;
  return new SmsDesk({
    gateway,
    documents,
    clock,
    publicUrl,
    secretKeys,
    smsFrom,
    loadTemplate: templates(foundation),
  });
}

// A channel's templates are another channel's never: each desk keeps its own ready.
function templates({ service }: Foundation): ReturnType<typeof keptReady> {
  return keptReady(async (...asked) => findTemplate(service.pool, ...asked));
}

import type { Channel, DeliveryFacts } from '../../domain/delivery-facts.ts';
import type { TenantId } from '../../domain/ids.ts';
import type { MessageFacts } from '../../domain/message-facts.ts';
import { templateKeyFor } from '../editable-source.ts';
import { type OwnTemplate, readyTemplate, standingName, type TemplateContent } from './own-template.ts';

/** Where a version of a tenant's template is read from. */
export type LoadTemplate = (
  tenant: TenantId,
  name: { readonly key: string; readonly channel: Channel; readonly locale: string },
  version: number,
) => Promise<TemplateContent | undefined>;

/**
 * The tenant's own template that a message is made from; null where ours stands.
 * @param tenant as it was read with the delivery, so that a change shows with the next one.
 */
export async function standingTemplate(
  tenant: DeliveryFacts['tenant'],
  message: MessageFacts,
  wanted: { readonly template?: string | undefined; readonly channel: Channel },
  load: (...asked: Parameters<LoadTemplate>) => Promise<OwnTemplate>,
): Promise<OwnTemplate | null> {
  const key = templateKeyFor(message, wanted.template);
  if (key === undefined) return null;
  const { channel } = wanted;
  const version = tenant.templates[standingName(key, channel, message.locale)];
  return version === undefined ? null : load(tenant.id, { key, channel, locale: message.locale }, version);
}

/** Reads a version and makes it ready. Throws when it is not there: versions are never removed. */
export async function readyVersion(load: LoadTemplate, ...asked: Parameters<LoadTemplate>): Promise<OwnTemplate> {
  const content = await load(...asked);
  if (!content) throw new Error('a template that stands is not there');
  return readyTemplate(content);
}

// Letters of the sources; made ready they take some ten times as much memory.
const mostLetters = 4_000_000;

/** The same, with the versions that were used last kept ready: what is in a version never changes. */
export function keptReady(load: LoadTemplate): (...asked: Parameters<LoadTemplate>) => Promise<OwnTemplate> {
  const kept = new Map<string, OwnTemplate>();
  let letters = 0;
  return async (tenant, name, version) => {
    const at = `${tenant} ${standingName(name.key, name.channel, name.locale)} ${String(version)}`;
    const before = kept.get(at);
    const own = before ?? (await readyVersion(load, tenant, name, version));
    if (!kept.delete(at)) letters += own.letters;
    kept.set(at, own);
    for (const [oldest, { letters: freed }] of kept) {
      if (letters <= mostLetters || oldest === at) break;
      kept.delete(oldest);
      letters -= freed;
    }
    return own;
  };
}

import { z } from 'zod';
import type { Channel } from '../domain/delivery-facts.ts';
import type { MessageLocale } from '../domain/locale.ts';
import type { TenantId } from '../domain/ids.ts';
import type { Queryable } from '../store/database.ts';
import { instantText } from '../store/instants.ts';
import { findTemplate, standingTemplates, templateStory } from '../store/templates.ts';
import { editableEmail, editableSms } from '../templates/editable-source.ts';
import type { TemplateKey } from '../templates/locales/locale-texts.ts';
import { standingName } from '../templates/own/own-template.ts';
import { sampleFacts } from '../templates/own/sample-facts.ts';
import { describedVariables } from '../templates/own/variables.ts';
import { etag } from './etag.ts';
import { Problem } from './problems.ts';

export type AskedTemplate = { readonly key: TemplateKey; readonly channel: Channel; readonly locale: MessageLocale };

const nullableText = z.string().nullable();
const words = z.strictObject({ subject: nullableText, text: z.string() });
const by = { version: z.int().nullable(), actor: z.string() };

export const templateReply = z.strictObject({
  key: z.string(),
  channel: z.string(),
  locale: z.string(),
  standing: z.int().nullable().describe('The version that messages are made from; null: ours'),
  version: z.int().nullable().describe('The version that is shown here; null: ours'),
  subject: nullableText,
  text: z.string(),
  forSeveral: words
    .nullable()
    .describe('Ours has other words for several due dates; in your own, ask for dueDateCount'),
  mjml: nullableText,
  versions: z.array(z.strictObject({ ...by, version: z.int(), createdAt: z.iso.datetime() })).describe('Newest first'),
  activations: z.array(z.strictObject({ ...by, at: z.iso.datetime() })).describe('Newest first'),
  variables: z.array(z.strictObject({ name: z.string(), description: z.string(), mjmlOnly: z.boolean() })),
});

/**
 * A template as it is shown. @param wanted one of its versions; without: what stands.
 * @throws Problem `not-found`.
 */
export async function showTemplate(
  client: Queryable,
  tenant: TenantId,
  name: AskedTemplate,
  wanted?: number,
): Promise<{ headers: { ETag: string }; json: z.input<typeof templateReply> }> {
  const { key, channel, locale } = name;
  const standing = (await standingTemplates(client, tenant)).get(standingName(key, channel, locale)) ?? null;
  const version = wanted ?? standing;
  const own = version === null ? null : await findTemplate(client, tenant, name, version);
  if (own === undefined) throw noSuchVersion();
  const story = await templateStory(client, tenant, name);
  const json = {
    key,
    channel,
    locale,
    standing,
    version,
    ...(own === null ? builtIn(name) : { subject: own.subject, text: own.text, forSeveral: null, mjml: own.mjml }),
    versions: story.uploads.map(({ createdAt, ...upload }) => ({ ...upload, createdAt: instantText(createdAt) })),
    activations: story.activations.map(({ at, ...activation }) => ({ ...activation, at: instantText(at) })),
    variables: describedVariables().filter(({ mjmlOnly }) => channel === 'email' || !mjmlOnly),
  };
  return { headers: { ETag: etag(story.changes) }, json };
}

export function noSuchVersion(): Problem {
  return new Problem('not-found', 'There is no such version of this template.');
}

function builtIn({ key, channel, locale }: AskedTemplate) {
  const [one, several] = [1, 2].map((count) => {
    const facts = sampleFacts(key, locale, undefined, count);
    const source = channel === 'email' ? editableEmail(facts, key) : editableSms(facts, key);
    if (source.kind === 'problem') throw new Error(`there is no template ${key}`);
    const { editable } = source;
    return typeof editable === 'string'
      ? { subject: null, text: editable }
      : { subject: editable.subject, text: editable.message };
  });
  if (!one || !several) throw new Error('a template has no words');
  return { ...one, forSeveral: several, mjml: null };
}

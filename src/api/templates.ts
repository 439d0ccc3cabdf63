import { z } from 'zod';
import { noteInAudit } from '../store/audit.ts';
import type { ReminderId } from '../domain/ids.ts';
import type { Queryable } from '../store/database.ts';
import { holdClaims, tenantsRemindersInFlight } from '../store/hold-claims.ts';
import { instantText } from '../store/instants.ts';
import {
  activateTemplate,
  addTemplate,
  countTemplates,
  findTemplate,
  lockTemplates,
  standingTemplates,
  templateStory,
  type TemplateVersion,
} from '../store/templates.ts';
import { templateKeys } from '../templates/locales/locale-texts.ts';
import type { TemplateDraft } from '../templates/own/check-template.ts';
import { standingName } from '../templates/own/own-template.ts';
import { inFlightJson, inFlightReply } from './due-dates-reply.ts';
import { ifMatchHeader, requireMatch } from './etag.ts';
import { type Call, operation, type Reply } from './operation.ts';
import {
  checkedTemplate,
  draftOf,
  fitsChannel,
  templateChannel,
  templateContent,
  templateLocale,
  templateName,
  templateParams,
} from './templates-form.ts';
import { type AskedTemplate, noSuchVersion, showTemplate, templateReply } from './templates-reply.ts';

const tag = 'Templates';
/** A template whose standing version was changed, with what left with the one before. */
const changedReply = templateReply.extend({ inFlight: inFlightReply });
type PlainCall = Call<unknown, unknown, unknown>;

const listReply = z.strictObject({
  items: z.array(
    z.strictObject({
      key: z.string(),
      channel: z.string(),
      locale: z.string(),
      standing: z.int().nullable().describe('null: ours'),
      versions: z.int().describe('How many of your own there are'),
      changedAt: z.iso.datetime().nullable(),
    }),
  ),
});

const listTemplates = operation({
  method: 'get',
  path: '/v1/templates',
  id: 'listTemplates',
  tag,
  summary: 'All templates, by key, channel and language, and which version stands',
  scope: 'data:read',
  replies: { 200: { description: 'All of them', schema: listReply } },
  problems: [],
  async handle({ parts, caller }) {
    const { standing, counts } = await parts.database.tenantTransaction(caller.tenant, async (client) => ({
      standing: await standingTemplates(client, caller.tenant),
      counts: await countTemplates(client, caller.tenant),
    }));
    const items = allNames().map((name) => {
      const at = standingName(name.key, name.channel, name.locale);
      const own = counts.get(at);
      const changedAt = own ? instantText(own.changedAt) : null;
      return { ...name, standing: standing.get(at) ?? null, versions: own?.versions ?? 0, changedAt };
    });
    return { status: 200, json: { items } };
  },
});

const getTemplate = operation({
  method: 'get',
  path: '/v1/templates/{key}',
  id: 'getTemplate',
  tag,
  summary: 'A template: what stands, or one of its versions',
  scope: 'data:read',
  params: templateParams,
  query: z.strictObject({ ...templateName, version: z.coerce.number().int().min(1).max(2_147_483_647).optional() }),
  replyHeaders: ['ETag'],
  replies: { 200: { description: 'The template', schema: templateReply } },
  problems: ['not-found'],
  async handle({ parts, caller, params, query: { version, ...name } }) {
    const shown = await parts.database.tenantTransaction(caller.tenant, (client) =>
      showTemplate(client, caller.tenant, { ...params, ...name }, version),
    );
    return { status: 200, ...shown };
  },
});

const putTemplate = operation({
  method: 'put',
  path: '/v1/templates/{key}',
  id: 'putTemplate',
  tag,
  summary: 'Uploads a new version of a template',
  description:
    'It is checked at once: read, compiled, and filled in with made-up facts; nothing is kept of what is wrong. The content of the newest version again makes no new one. With `activate: false` it is kept and does not stand yet.',
  scope: 'settings',
  params: templateParams,
  body: z
    .strictObject({ ...templateName, ...templateContent, activate: z.boolean().default(true) })
    .superRefine(fitsChannel),
  requestHeaders: ifMatchHeader,
  replyHeaders: ['ETag'],
  replies: {
    200: { description: 'That version was there already', schema: changedReply },
    201: { description: 'A new version', schema: changedReply },
  },
  problems: ['precondition-failed', 'unavailable'],
  async handle(call) {
    const { parts, caller, params, body } = call;
    const draft = draftOf({ ...params, channel: body.channel, locale: body.locale }, body);
    const name: AskedTemplate = { ...params, channel: body.channel, locale: body.locale };
    const present = await parts.database.tenantTransaction(caller.tenant, (client) =>
      findTemplate(client, caller.tenant, name, 'newest'),
    );
    // What was found right stays right, and need not be compiled again.
    const { html } = isSame(present, draft) ? present : await checkedTemplate(draft);
    return parts.database.tenantTransaction(caller.tenant, async (client) => {
      if (body.activate) await holdClaims(client, caller.tenant);
      const standing = await lockedTemplates(client, call, name);
      const newest = await findTemplate(client, caller.tenant, name, 'newest');
      const same = isSame(newest, draft);
      const by = { actor: caller.actor, now: parts.clock.now() };
      const version = same ? newest.version : await addTemplate(client, caller.tenant, name, { ...draft, html }, by);
      if (!same) await note(client, call, 'template-uploaded', name, version);
      const activates = body.activate && standing !== version;
      const inFlight = activates ? await activate(client, call, name, version) : [];
      const shown = await showTemplate(client, caller.tenant, name, version);
      return { status: same ? 200 : 201, ...withInFlight(shown, inFlight) };
    });
  },
});

const postActivate = operation({
  method: 'post',
  path: '/v1/templates/{key}/activate',
  id: 'postTemplateActivate',
  tag,
  summary: 'Makes a version stand: a newer one, an older one, or ours again',
  description: 'Every message that is not handed over yet is made from it.',
  scope: 'settings',
  params: templateParams,
  body: z.strictObject({ ...templateName, version: z.int().min(1).nullable().describe('null: ours') }),
  requestHeaders: ifMatchHeader,
  replyHeaders: ['ETag'],
  replies: { 200: { description: 'The template as it stands now', schema: changedReply } },
  problems: ['not-found', 'precondition-failed'],
  async handle(call) {
    const { parts, caller, params, body } = call;
    const name: AskedTemplate = { ...params, channel: body.channel, locale: body.locale };
    const shown = await parts.database.tenantTransaction(caller.tenant, async (client) => {
      await holdClaims(client, caller.tenant);
      const standing = await lockedTemplates(client, call, name);
      const { version } = body;
      if (version !== null && !(await findTemplate(client, caller.tenant, name, version))) throw noSuchVersion();
      const inFlight = standing === version ? [] : await activate(client, call, name, version);
      return withInFlight(await showTemplate(client, caller.tenant, name), inFlight);
    });
    return { status: 200, ...shown };
  },
});

export const templateOperations = [listTemplates, getTemplate, putTemplate, postActivate];

function allNames() {
  return templateKeys.flatMap((key) =>
    templateChannel.options.flatMap((channel) => templateLocale.options.map((locale) => ({ key, channel, locale }))),
  );
}

/** @returns which version stands, and will until the transaction ends. */
async function lockedTemplates(client: Queryable, call: PlainCall, name: AskedTemplate): Promise<number | null> {
  const { caller } = call;
  const standing = await lockTemplates(client, caller.tenant);
  const { changes } = await templateStory(client, caller.tenant, name);
  requireMatch(call.header('if-match'), changes);
  return standing.get(standingName(name.key, name.channel, name.locale)) ?? null;
}

/** Under `holdClaims`. @returns the reminders that leave with the version before. */
async function activate(
  client: Queryable,
  call: PlainCall,
  name: AskedTemplate,
  version: number | null,
): Promise<ReminderId[]> {
  const by = { actor: call.caller.actor, now: call.parts.clock.now() };
  await activateTemplate(client, call.caller.tenant, name, version, by);
  await note(client, call, 'template-activated', name, version);
  return tenantsRemindersInFlight(client, call.caller.tenant, { channel: name.channel, template: name });
}

function withInFlight(
  { headers, json }: Awaited<ReturnType<typeof showTemplate>>,
  inFlight: readonly ReminderId[],
): Pick<Extract<Reply, { json: unknown }>, 'headers' | 'json'> {
  return { headers, json: { ...json, inFlight: inFlightJson(inFlight) } };
}

async function note(
  client: Queryable,
  { parts, caller }: PlainCall,
  action: string,
  name: AskedTemplate,
  version: number | null,
): Promise<void> {
  const target = standingName(name.key, name.channel, name.locale);
  await noteInAudit(client, { ...caller, action, target, detail: { version }, now: parts.clock.now() });
}

function isSame(version: TemplateVersion | undefined, draft: TemplateDraft): version is TemplateVersion {
  return version?.subject === draft.subject && version.text === draft.text && version.mjml === draft.mjml;
}

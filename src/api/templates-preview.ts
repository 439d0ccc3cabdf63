import { z } from 'zod';
import { judge } from '../domain/claim-verdict.ts';
import { findTemplate, standingTemplates } from '../store/templates.ts';
import { loadTenant } from '../store/tenants.ts';
import { type OwnTemplate, readyTemplate, standingName } from '../templates/own/own-template.ts';
import { sampleFacts } from '../templates/own/sample-facts.ts';
import { type Call, operation } from './operation.ts';
import { amountNotShown, composed, linkLike, previewMessage } from './preview-message.ts';
import { rehearse } from './preview.ts';
import { ref } from './schemas.ts';
import {
  checkedTemplate,
  draftOf,
  fitsChannel,
  templateContent,
  templateName,
  templateParams,
} from './templates-form.ts';
import { type AskedTemplate, noSuchVersion } from './templates-reply.ts';

const draft = z.strictObject({ ...templateContent, text: templateContent.text.optional() }).partial();
const previewBody = z
  .strictObject({
    ...templateName,
    ...draft.shape,
    dueDate: ref.optional().describe('Without one, made-up facts that suit the template'),
    version: z.int().min(1).nullable().optional().describe('null: ours. Without it, and without a text: what stands'),
  })
  .superRefine((body, context) => {
    const wrong = (path: string, code: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message, params: { code } });
    if (body.text !== undefined) {
      if (body.version !== undefined) wrong('version', 'unexpected', 'stands beside a text: only one of them is shown');
      fitsChannel(body, context);
    } else {
      if (body.subject !== undefined) wrong('subject', 'unexpected', 'is taken with a text alone');
      if (body.mjml !== undefined) wrong('mjml', 'unexpected', 'is taken with a text alone');
    }
  });

const nullableText = z.string().nullable();
const previewReply = z.strictObject({
  subject: nullableText,
  html: nullableText,
  text: nullableText,
  sms: z.strictObject({ text: z.string(), encoding: z.string(), segments: z.int(), maxSegments: z.int() }).nullable(),
  warnings: z.array(z.strictObject({ code: z.string(), message: z.string() })),
});

const postTemplatePreview = operation({
  method: 'post',
  path: '/v1/templates/{key}/preview',
  id: 'postTemplatePreview',
  tag: 'Templates',
  summary: 'A template filled in: what stands, one of its versions, or a draft that is not kept',
  description: 'As a real message would be. A draft is checked first, as when it is uploaded.',
  scope: 'reminders:read',
  params: templateParams,
  body: previewBody,
  replies: { 200: { description: 'The message', schema: previewReply } },
  problems: [
    'not-found',
    'due-date-settled',
    'due-date-void',
    'not-receivable',
    'nothing-received',
    'channel-not-configured',
    'unavailable',
  ],
  async handle(call) {
    const { params, body } = call;
    const name: AskedTemplate = { ...params, channel: body.channel, locale: body.locale };
    const own = await chosen(call, name, body);
    const { json, subjectShown, shortened, showsAmount } =
      body.dueDate === undefined ? await ofSample(call, name, own) : await ofDueDate(call, name, body.dueDate, own);
    const { message: _editable, ...shown } = json;
    const warnings = [
      ...(showsAmount ? [] : [amountNotShown]),
      ...(shortened ? [['sms-shortened', 'Its last lines are left out: it takes too many parts.'] as const] : []),
    ].map(([code, message]) => ({ code, message }));
    return { status: 200, json: { ...shown, subject: subjectShown, warnings } };
  },
});

export const templatePreviewOperations = [postTemplatePreview];

type PreviewCall = Call<unknown, unknown, z.output<typeof previewBody>>;

/** The template that is asked for; null is ours. Throws Problem `not-found`, or `invalid-request` for a wrong draft. */
async function chosen(
  { parts, caller }: Pick<PreviewCall, 'parts' | 'caller'>,
  name: AskedTemplate,
  body: z.output<typeof previewBody>,
): Promise<OwnTemplate | null> {
  const { text } = body;
  if (text !== undefined) {
    const asked = draftOf(name, { ...body, text });
    return readyTemplate({ ...asked, ...(await checkedTemplate(asked)), version: 0 });
  }
  const content = await parts.database.tenantTransaction(caller.tenant, async (client) => {
    const standing = (await standingTemplates(client, caller.tenant)).get(
      standingName(name.key, name.channel, name.locale),
    );
    const version = body.version === undefined ? (standing ?? null) : body.version;
    return version === null ? null : findTemplate(client, caller.tenant, name, version);
  });
  if (content === undefined) throw noSuchVersion();
  return content && readyTemplate(content);
}

async function ofSample(
  call: Pick<PreviewCall, 'parts' | 'caller'>,
  { key, channel, locale }: AskedTemplate,
  own: OwnTemplate | null,
) {
  const tenant = await loadTenant(call.parts.database, call.caller.tenant);
  const { name, senderName = null, colour = null, logo, replyTo = null, senderEmail = null } = tenant;
  const web = logo?.startsWith('https:') === true ? logo : null;
  const shown = {
    name,
    senderName,
    colour,
    logo: web,
    logoImage: tenant.logoSha256 ?? null,
    replyTo,
    email: senderEmail,
  };
  const facts = { ...sampleFacts(key, locale, shown), documentUrl: channel === 'sms' ? linkLike(call) : null };
  return composed(call, facts, { channel, wish: { template: key }, own, maxSegments: tenant.smsMaxSegments });
}

/** As a reminder of that due date would be composed now. */
async function ofDueDate(call: PreviewCall, name: AskedTemplate, dueDate: string, own: OwnTemplate | null) {
  const body = { dueDate, channel: name.channel, template: name.key };
  const { facts: usual, at } = await rehearse({ ...call, body });
  const facts = { ...usual, reminder: { ...usual.reminder, locale: name.locale } };
  const verdict = judge(facts, at);
  return previewMessage(call, facts, verdict.kind === 'go' ? verdict.dueDates : facts.dueDates, at, own);
}

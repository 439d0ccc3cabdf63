import { z } from 'zod';
import { messageLocales } from '../domain/locale.ts';
import type { CheckedTemplate, TemplateDraft } from '../templates/own/check-template.ts';
import { checkApart, TooManyChecks } from '../templates/own/check-apart.ts';
import { templateKeys } from '../templates/locales/locale-texts.ts';
import { invalidRequest } from './checked.ts';
import { Problem } from './problems.ts';
import { line, paragraphs } from './schemas.ts';

const largestMjml = 100 * 1024;

export const templateParams = z.strictObject({ key: z.enum(templateKeys) });
export const templateChannel = z.enum(['email', 'sms']);
export const templateLocale = z.enum(messageLocales);
export const templateName = { channel: templateChannel, locale: templateLocale };

const mjml = z
  .string()
  .min(1)
  .refine((text) => Buffer.byteLength(text) <= largestMjml, {
    message: 'must be at most 100 kB',
    params: { code: 'too-big' },
  })
  .describe('At most 100 kB; Liquid in it stands in texts, in mj-raw and in quoted values');

/** The content of a template. An SMS has a text alone. */
export const templateContent = {
  subject: line(250).nullable().optional().describe('Of an email, with Liquid'),
  text: paragraphs(10_000).describe('The message as plain text with Liquid; an SMS as it is'),
  mjml: mjml.nullable().optional().describe('Of an email: its page. Without it the text stands in the usual one'),
};

type Content = { subject?: string | null | undefined; text: string; mjml?: string | null | undefined };

/** Holds an email to having a subject, and an SMS to having neither subject nor MJML. */
export function fitsChannel(
  { channel, subject, mjml: page }: Omit<Content, 'text'> & { channel: 'email' | 'sms' },
  context: z.RefinementCtx,
): void {
  const wrong = (path: string, code: string, message: string) =>
    context.addIssue({ code: 'custom', path: [path], message, params: { code } });
  if (channel === 'email') {
    if (typeof subject !== 'string') wrong('subject', 'required', 'is required for an email');
    return;
  }
  if (typeof subject === 'string') wrong('subject', 'unexpected', 'is for emails');
  if (typeof page === 'string') wrong('mjml', 'unexpected', 'is for emails');
}

export function draftOf(
  name: Pick<TemplateDraft, 'key' | 'channel' | 'locale'>,
  { subject = null, text, mjml: page = null }: Content,
): TemplateDraft {
  return { ...name, subject, text, mjml: page };
}

/**
 * Checks a template beside this process's work.
 * @returns what its MJML compiles to. Throws Problem `invalid-request` with all that is wrong, each with its line.
 */
export async function checkedTemplate(draft: TemplateDraft): Promise<{ html: string | null }> {
  const checked: CheckedTemplate = await checkApart(draft).catch((error: unknown) => {
    if (!(error instanceof TooManyChecks)) throw error;
    throw new Problem('unavailable', 'Many templates are being checked. Try again.', { retryAfterSeconds: 5 });
  });
  if (checked.kind === 'right') return { html: checked.html };
  throw invalidRequest(
    checked.mistakes.map(({ field, code, line: at, message }) => ({
      path: `/${field}`,
      code,
      message: at === null ? message : `${message} (line ${String(at)})`,
    })),
  );
}

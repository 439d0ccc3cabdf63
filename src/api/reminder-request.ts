import { z } from 'zod';
import { mostRecipients, type ReminderRequest } from '../domain/admission.ts';
import { distinctMailboxes, parseEmailAddress } from '../domain/email-address.ts';
import { parseMobile } from '../domain/phone.ts';
import { leastSegments, mostSegments } from '../templates/compose-sms.ts';
import { faultOfEditable } from '../templates/own/read-text.ts';
import type { ComposeProblem } from '../templates/placeholders.ts';
import { templateKeys } from '../templates/locales/locale-texts.ts';
import { checkedValue, invalidRequest } from './checked.ts';
import type { FieldError } from './problems.ts';
import { email, instant, line, locale, metadata, paragraphs, ref } from './schemas.ts';

/** A reminder as it is posted. Recipients are read later, by channel and by the tenant's country. */
const fields = z.strictObject({
  dueDate: ref.optional(),
  dueDates: z.array(ref).min(1).max(50).optional(),
  channel: z.enum(['email', 'sms']),
  to: z.array(z.string().max(254)).min(1).max(mostRecipients).optional(),
  cc: z
    .array(email)
    .max(mostRecipients - 1)
    .default([])
    .describe('Copies of an email; with `to`, at most 10 recipients'),
  replyTo: email.nullable().default(null),
  subject: line(250).nullable().default(null),
  message: paragraphs(10_000).nullable().default(null),
  template: z.enum(templateKeys).nullable().default(null),
  locale: locale.nullable().default(null),
  bankAccount: ref.nullable().default(null),
  attachDocument: z.boolean().default(true).describe('As an attachment; an SMS carries a link'),
  sendAt: instant.nullable().default(null).describe('Not before then; past means now'),
  priority: z.int().min(0).max(9).default(5).describe('9 first'),
  override: z
    .array(z.enum(['gap', 'quietHours']))
    .max(2)
    .default([]),
  metadata: metadata.default({}),
});

export const reminderBody = fields.superRefine((value, context) => {
  if ((value.dueDate === undefined) === (value.dueDates === undefined)) {
    const code = value.dueDate === undefined ? 'required' : 'unexpected';
    const message =
      value.dueDate === undefined ? 'or dueDates is required' : 'stands beside dueDates: only one of them is taken';
    context.addIssue({ code: 'custom', path: ['dueDate'], message, params: { code } });
  }
  if (value.channel === 'sms') refuseInSms(value, context);
  if ((value.to?.length ?? 0) + value.cc.length > mostRecipients) {
    const message = `must leave at most ${mostRecipients} recipients together with to`;
    context.addIssue({ code: 'custom', path: ['cc'], message, params: { code: 'too-big' } });
  }
  for (const field of ['subject', 'message'] as const) {
    const text = value[field];
    const fault = text === null ? null : faultOfEditable(field, text);
    if (fault === null) continue;
    const { code, message } = wordsOf(fault);
    context.addIssue({ code: 'custom', path: [field], message, params: { code } });
  }
});

const emailFields = ['cc', 'subject', 'replyTo'] as const;

function refuseInSms(value: z.output<typeof fields>, context: z.RefinementCtx): void {
  for (const field of emailFields) {
    if (value[field] === null || value[field].length === 0) continue;
    context.addIssue({ code: 'custom', path: [field], message: 'is for emails', params: { code: 'unexpected' } });
  }
  if (value.message !== null && leastSegments(value.message) > mostSegments) {
    const message = `must fit into ${mostSegments} parts of an SMS`;
    context.addIssue({ code: 'custom', path: ['message'], message, params: { code: 'too-long' } });
  }
}

function wordsOf(problem: ComposeProblem): { code: string; message: string } {
  switch (problem.kind) {
    case 'unknown-placeholder':
      return { code: problem.kind, message: `has no placeholder named ${problem.name}` };
    case 'unsupported-syntax':
      return {
        code: problem.kind,
        message: `takes placeholders such as {{ outstanding }} and a little Liquid; ${problem.text}`,
      };
    case 'too-long':
      return { code: problem.kind, message: `must have at most ${problem.limit} ${problem.unit}` };
    case 'empty':
    case 'control-character':
    case 'unknown-template':
      return { code: problem.kind, message: 'is not usable text' };
  }
}

/**
 * Reads one posted reminder (the body, or a batch's item). @param at where it stands in the body.
 * @throws Problem `invalid-request`.
 */
export function readReminder(json: unknown, at = ''): ReminderRequest {
  const { dueDate, dueDates, to, ...rest } = checkedValue(reminderBody, json, at);
  return {
    ...rest,
    cc: distinctMailboxes(rest.cc),
    dueDates: dueDates ?? (dueDate === undefined ? [] : [dueDate]),
    to: to ?? null,
  };
}

/**
 * Reads the recipients that were given: addresses for an email, mobile numbers for an SMS (E.164, or as written in the
 * tenant's country). Throws Problem `invalid-request` with the path of each that is none.
 */
export function readRecipients(request: ReminderRequest, country: string): ReminderRequest {
  if (request.to === null) return request;
  const errors: FieldError[] = [];
  const to = request.to.flatMap((text, n) => {
    const read = request.channel === 'email' ? parseEmailAddress(text) : parseMobile(text, country);
    if (read === undefined) {
      const [code, message] =
        request.channel === 'email'
          ? [
              'invalid-email',
              'must be one email address, such as name@example.com, with no letters but a to z before the @',
            ]
          : ['invalid-mobile', 'must be a mobile number, such as +39 333 1234567'];
      errors.push({ path: `/to/${n}`, code, message });
      return [];
    }
    return [read];
  });
  if (errors.length > 0) throw invalidRequest(errors);
  return { ...request, to: distinctMailboxes(to) };
}

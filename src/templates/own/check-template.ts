import { LiquidError } from 'liquidjs';
import type { MessageLocale } from '../../domain/locale.ts';
import { composeEmail } from '../compose-email.ts';
import { composeSms } from '../compose-sms.ts';
import { type ComposeProblem, type EditableField, faultOfText, parseEditable } from '../placeholders.ts';
import { mistakeOf } from './check-liquid.ts';
import { compileMjml } from './compile-mjml.ts';
import { mistakesInText, needsLiquid } from './liquid-text.ts';
import type { Mistake, MistakeCode } from './mistake.ts';
import { readyTemplate } from './own-template.ts';
import { hardFacts } from './sample-facts.ts';

/** A template as it is uploaded. An SMS has neither subject nor MJML. */
export type TemplateDraft = {
  readonly key: string;
  readonly channel: 'email' | 'sms';
  readonly locale: MessageLocale;
  readonly subject: string | null;
  readonly text: string;
  readonly mjml: string | null;
};

export type TemplateField = 'subject' | 'text' | 'mjml';
export type FieldMistake = Mistake & { readonly field: TemplateField };

/** `html`: the MJML compiled, Liquid tags kept; null without MJML. */
export type CheckedTemplate =
  | { readonly kind: 'right'; readonly html: string | null }
  | { readonly kind: 'wrong'; readonly mistakes: readonly FieldMistake[] };

// As many as a reminder may have; in an SMS few of them find room.
const manyInEmail = 50;
const manyInSms = 3;

/**
 * Finds all that is wrong with a template: first by reading it, then by composing messages with it from made-up facts.
 * Runs what somebody else wrote: for what it takes, see check-apart.
 */
export async function checkTemplate(draft: TemplateDraft): Promise<CheckedTemplate> {
  const compiled = draft.mjml === null ? null : await compileMjml(draft.mjml);
  const mistakes = [
    ...(draft.subject === null ? [] : textMistakes('subject', draft.subject)),
    ...textMistakes('text', draft.text),
    ...(compiled !== null && 'mistakes' in compiled ? inField('mjml', compiled.mistakes) : []),
  ];
  if (mistakes.length > 0 || (compiled !== null && 'mistakes' in compiled)) return { kind: 'wrong', mistakes };
  const html = compiled?.html ?? null;
  const tried = await tryOut(draft, html);
  return tried === null ? { kind: 'right', html } : { kind: 'wrong', mistakes: [tried] };
}

function textMistakes(field: 'subject' | 'text', source: string): FieldMistake[] {
  const text = source.replaceAll('\r\n', '\n');
  const fault = faultOfText(editableField(field), text);
  if (fault) return [{ ...mistakeIn(fault), field, line: null }];
  if (needsLiquid(text)) return inField(field, mistakesInText(text));
  // Liquid's own reading finds the same, with the line.
  const parsed = parseEditable(editableField(field), text);
  if (parsed.kind === 'parsed') return [];
  const mistakes = inField(field, mistakesInText(text));
  return mistakes.length > 0 ? mistakes : [{ ...mistakeIn(parsed.problem), field, line: null }];
}

async function tryOut(draft: TemplateDraft, html: string | null): Promise<FieldMistake | null> {
  const { key, channel, subject, text } = draft;
  const wholly: TemplateField = html === null ? 'text' : 'mjml';
  try {
    const own = readyTemplate({ version: 1, subject, text, html });
    for (const facts of hardFacts(key, draft.locale, channel === 'email' ? manyInEmail : manyInSms)) {
      const wish = { template: key };
      const made = channel === 'email' ? await composeEmail(facts, wish, own) : composeSms(facts, wish, undefined, own);
      if (made.kind === 'problem')
        return { ...mistakeIn(made.problem), field: fieldOf(made.problem, wholly), line: null };
      if (html !== null && 'email' in made && showsNothing(made.email.rendered.html)) return blankPage;
    }
    return null;
  } catch (error) {
    if (!(error instanceof LiquidError)) throw error;
    return { ...mistakeOf(error), code: 'cannot-render', field: wholly };
  }
}

// MJML takes a tag that is never closed, and drops what stands in it.
const blankPage: FieldMistake = {
  field: 'mjml',
  code: 'empty',
  line: null,
  message: 'shows neither text nor an image: is a tag not closed?',
};

function showsNothing(html: string): boolean {
  const body = html.slice(Math.max(0, html.indexOf('<body'))).replaceAll(/<div style="display:none.*?<\/div>/gs, '');
  return !body.includes('<img') && body.replaceAll(/<!--.*?-->|<[^>]*>|&#?\w+;|\s/gs, '') === '';
}

function fieldOf(problem: ComposeProblem, wholly: TemplateField): TemplateField {
  if (problem.kind === 'unknown-template') return 'text';
  if (problem.field === 'subject') return 'subject';
  return problem.kind === 'too-long' ? wholly : 'text';
}

function mistakeIn(problem: ComposeProblem): { code: MistakeCode; message: string } {
  switch (problem.kind) {
    case 'too-long': {
      const message =
        problem.unit === 'segments'
          ? `takes more than ${String(problem.limit)} parts of an SMS when it is filled in`
          : 'makes a message that is too long: an email has at most 100 kB, with fifty due dates as well';
      return { code: 'too-long', message };
    }
    case 'empty':
      return {
        code: 'empty',
        message: 'is empty, or comes out empty where a due date has no number, no account or no address',
      };
    case 'control-character':
      return { code: 'control-character', message: 'has control characters' };
    case 'unknown-placeholder':
      return { code: 'unknown-variable', message: `knows no variable ${problem.name}` };
    case 'unsupported-syntax':
      return { code: 'liquid-syntax', message: `has what cannot be read: ${problem.text}` };
    case 'unknown-template':
      return { code: 'cannot-render', message: 'belongs to no kind of message' };
  }
}

function inField(field: TemplateField, mistakes: readonly Mistake[]): FieldMistake[] {
  return mistakes.map((mistake) => ({ ...mistake, field }));
}

function editableField(field: 'subject' | 'text'): EditableField {
  return field === 'subject' ? 'subject' : 'message';
}

import { SegmentedMessage } from 'sms-segments-calculator';
import type { MessageFacts } from '../domain/message-facts.ts';
import { editableSms, type TemplateRef } from './editable-source.ts';
import { factsInWords } from './facts-in-words.ts';
import { toGsm7 } from './gsm7.ts';
import { fillLines } from './paragraphs.ts';
import { parseEditable, type ComposeProblem } from './placeholders.ts';
import { smsValues } from './values.ts';

export type ComposedSms = {
  readonly template: TemplateRef;
  /** As it can be edited: placeholders kept. Given back, it composes the same again. */
  readonly message: string;
  readonly rendered: RenderedSms;
  /** Lines of the template's own text were left out, from its end, as it took more parts than the tenant allows. */
  readonly shortened: boolean;
};

type RenderedSms = {
  readonly text: string;
  readonly encoding: 'GSM-7' | 'UCS-2';
  readonly segments: number;
};

// SMSAPI takes ten parts at most.
export const mostSegments = 10;

/** How many parts a caller's text takes even if every placeholder in it stands for nothing. */
export function leastSegments(message: string): number {
  return new SegmentedMessage(toGsm7(message.replaceAll(/\{\{.*?\}\}/gs, ''))).segmentsCount;
}

/**
 * Composes an SMS. Without a `message` the template's own is taken, and shortened where it must be; a caller's words
 * are never cut. Pure: equal input, equal text.
 * @param limit the most parts that it may take.
 */
export function composeSms(
  facts: MessageFacts,
  wish: { readonly message?: string | undefined; readonly template?: string | undefined } = {},
  limit: number = mostSegments,
):
  | { readonly kind: 'composed'; readonly sms: ComposedSms }
  | { readonly kind: 'problem'; readonly problem: ComposeProblem } {
  const source = editableSms(facts, wish.template);
  if (source.kind === 'problem') return source;
  const message = wish.message ?? source.editable;
  const parsed = parseEditable('message', message);
  if (parsed.kind === 'problem') return parsed;
  const values = smsValues(facts, factsInWords(facts, source.texts, true), source.texts);
  const lines = fillLines(parsed.tokens, values);
  const rendered = message === source.editable ? shortened(lines, limit) : renderedSms(lines);
  if (rendered.text === '') return { kind: 'problem', problem: { kind: 'empty', field: 'message' } };
  if (rendered.segments > limit) {
    return { kind: 'problem', problem: { kind: 'too-long', field: 'message', limit, unit: 'segments' } };
  }
  const isShortened = rendered.text !== renderedSms(lines).text;
  return { kind: 'composed', sms: { template: source.template, message, rendered, shortened: isShortened } };
}

// The first line says who asks for what; the last ones are what one can do without.
function shortened(lines: readonly string[], limit: number): RenderedSms {
  for (let kept = lines.length; kept > 1; kept -= 1) {
    const rendered = renderedSms(lines.slice(0, kept));
    if (rendered.segments <= limit) return rendered;
  }
  return renderedSms(lines.slice(0, 1));
}

function renderedSms(lines: readonly string[]): RenderedSms {
  const text = toGsm7(lines.join('\n'));
  const counted = new SegmentedMessage(text);
  return { text, encoding: counted.encodingName, segments: counted.segmentsCount };
}

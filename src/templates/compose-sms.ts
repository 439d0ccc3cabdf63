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
  readonly rendered: { readonly text: string; readonly encoding: 'GSM-7' | 'UCS-2'; readonly segments: number };
};

// SMSAPI takes ten parts at most.
export const mostSegments = 10;

/** How many parts a caller's text takes even if every placeholder in it stands for nothing. */
export function leastSegments(message: string): number {
  return new SegmentedMessage(toGsm7(message.replaceAll(/\{\{.*?\}\}/gs, ''))).segmentsCount;
}

/** Composes an SMS. Without a `message` the template's own is taken. Pure: equal input, equal text. */
export function composeSms(
  facts: MessageFacts,
  wish: { readonly message?: string | undefined; readonly template?: string | undefined } = {},
):
  | { readonly kind: 'composed'; readonly sms: ComposedSms }
  | { readonly kind: 'problem'; readonly problem: ComposeProblem } {
  const source = editableSms(facts, wish.template);
  if (source.kind === 'problem') return source;
  const message = wish.message ?? source.editable;
  const parsed = parseEditable('message', message);
  if (parsed.kind === 'problem') return parsed;
  const values = smsValues(facts, factsInWords(facts, source.texts, true), source.texts);
  const text = toGsm7(fillLines(parsed.tokens, values).join('\n'));
  if (text === '') return { kind: 'problem', problem: { kind: 'empty', field: 'message' } };
  const counted = new SegmentedMessage(text);
  const segments = counted.segmentsCount;
  if (segments > mostSegments) {
    return { kind: 'problem', problem: { kind: 'too-long', field: 'message', limit: mostSegments, unit: 'segments' } };
  }
  const rendered = { text, encoding: counted.encodingName, segments };
  return { kind: 'composed', sms: { template: source.template, message, rendered } };
}

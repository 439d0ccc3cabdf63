import { SegmentedMessage } from 'sms-segments-calculator';
import type { MessageFacts } from '../domain/message-facts.ts';
import { editableSms, standingRef, type TemplateRef } from './editable-source.ts';
import { factsInWords } from './facts-in-words.ts';
import { toGsm7 } from './gsm7.ts';
import { fillLines } from './paragraphs.ts';
import { needsLiquid } from './own/liquid-text.ts';
import type { OwnTemplate } from './own/own-template.ts';
import { readText } from './own/read-text.ts';
import { listsInWords } from './own/scope.ts';
import type { ComposeProblem } from './placeholders.ts';
import { showsAmount } from './shows-amount.ts';
import { smsValues } from './values.ts';

export type ComposedSms = {
  readonly template: TemplateRef;
  /** As it can be edited: placeholders kept. Given back, it composes the same again. */
  readonly message: string;
  readonly rendered: RenderedSms;
  /** Lines of the template's own text were left out, from its end, as it took more parts than the tenant allows. */
  readonly shortened: boolean;
  /** Whether it says what is open. */
  readonly showsAmount: boolean;
};

type RenderedSms = {
  readonly text: string;
  readonly encoding: 'GSM-7' | 'UCS-2';
  readonly segments: number;
};

// SMSAPI takes ten parts at most.
export const mostSegments = 10;
const mostRows = 50;
// In no alphabet does one part hold more.
const lettersOfPart = 160;

/** How many parts a caller's text takes even if every placeholder in it stands for nothing. What Liquid leaves of it is not foreseen. */
export function leastSegments(message: string): number {
  return needsLiquid(message) ? 0 : counted(toGsm7(message.replaceAll(/\{\{.*?\}\}/gs, ''))).segments;
}

/**
 * Composes an SMS. Without a `message` the template's own is taken, and shortened where it must be; a caller's words
 * are never cut. Pure: equal input, equal text.
 * @param limit the most parts that it may take. @param own the tenant's own template, where one stands.
 */
export function composeSms(
  facts: MessageFacts,
  wish: { readonly message?: string | undefined; readonly template?: string | undefined } = {},
  limit: number = mostSegments,
  own: OwnTemplate | null = null,
):
  | { readonly kind: 'composed'; readonly sms: ComposedSms }
  | { readonly kind: 'problem'; readonly problem: ComposeProblem } {
  const source = editableSms(facts, wish.template);
  if (source.kind === 'problem') return source;
  const { texts } = source;
  const editable = own?.text ?? source.editable;
  const message = wish.message ?? editable;
  const words = factsInWords(facts, texts, true);
  const values = smsValues(facts, words, texts);
  const parsed = readText('message', message, values, () => listsInWords(words, values, texts, mostRows));
  if (parsed.kind === 'problem') return parsed;
  const lines = fillLines(parsed.tokens, values);
  const rendered = message === editable ? shortened(lines, limit) : renderedSms(lines);
  if (rendered.text === '') return { kind: 'problem', problem: { kind: 'empty', field: 'message' } };
  if (rendered.segments > limit) {
    return { kind: 'problem', problem: { kind: 'too-long', field: 'message', limit, unit: 'segments' } };
  }
  const isShortened = rendered.text !== renderedSms(lines).text;
  const template = standingRef(source.template, own);
  const asked = showsAmount(rendered.text, words, (amount) => renderedSms([amount]).text);
  return { kind: 'composed', sms: { template, message, rendered, shortened: isShortened, showsAmount: asked } };
}

// The first line says who asks for what; the last ones are what one can do without. Found by halving: a text may have
// thousands of lines, and counting takes its time.
function shortened(lines: readonly string[], limit: number): RenderedSms {
  const whole = renderedSms(lines);
  if (whole.segments <= limit) return whole;
  let fits = 1;
  let over = lines.length;
  while (over - fits > 1) {
    const kept = Math.floor((fits + over) / 2);
    if (renderedSms(lines.slice(0, kept)).segments <= limit) fits = kept;
    else over = kept;
  }
  return renderedSms(lines.slice(0, fits));
}

function renderedSms(lines: readonly string[]): RenderedSms {
  // No-break spaces of amounts and of French are none of an SMS's letters, whatever its alphabet.
  const text = toGsm7(lines.join('\n').replaceAll(/\p{Zs}/gu, ' '));
  return { text, ...counted(text) };
}

// Counting takes its time with each letter. What is too long for any SMS is so by its length, and leaves in no alphabet.
function counted(text: string): Omit<RenderedSms, 'text'> {
  const least = Math.ceil(text.length / lettersOfPart);
  if (least > mostSegments) return { encoding: 'UCS-2', segments: least };
  const { encodingName, segmentsCount } = new SegmentedMessage(text);
  return { encoding: encodingName, segments: segmentsCount };
}

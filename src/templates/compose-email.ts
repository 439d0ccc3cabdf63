import type { MessageFacts } from '../domain/message-facts.ts';
import { editableEmail, type TemplateRef } from './editable-source.ts';
import { factsInWords, oneLine, type FactsInWords } from './facts-in-words.ts';
import { onColour, validColour, webLogo } from './appearance.ts';
import { renderLayout, type LayoutData } from './layout.ts';
import type { LocaleTexts } from './locales/locale-texts.ts';
import { fillLines, partsToText, toParts, type Part } from './paragraphs.ts';
import { parseEditable, type ComposeProblem, type PlaceholderValues } from './placeholders.ts';
import { emailValues, replyAddress } from './values.ts';

export type ComposedEmail = {
  readonly template: TemplateRef;
  /** As they can be edited: placeholders kept. Given back, they compose the same again, to the byte. */
  readonly subject: string;
  readonly message: string;
  readonly rendered: { readonly subject: string; readonly html: string; readonly text: string };
};

export type EmailWish = {
  readonly subject?: string | undefined;
  readonly message?: string | undefined;
  readonly template?: string | undefined;
};

// Gmail cuts a message at 102 kB.
const largestHtml = 100_000;
const mostRows = 40;
const longestSubject = 200;

/**
 * Composes an email. What the caller does not give is the template's own. Pure: equal input, equal bytes.
 * A subject or message that cannot be used comes back as a problem; nothing is thrown for it.
 */
export async function composeEmail(
  facts: MessageFacts,
  wish: EmailWish = {},
): Promise<
  | { readonly kind: 'composed'; readonly email: ComposedEmail }
  | { readonly kind: 'problem'; readonly problem: ComposeProblem }
> {
  const source = editableEmail(facts, wish.template);
  if (source.kind === 'problem') return source;
  const { texts, template, editable } = source;
  const subject = wish.subject ?? editable.subject;
  const message = wish.message ?? editable.message;
  const subjectTokens = parseEditable('subject', subject);
  if (subjectTokens.kind === 'problem') return subjectTokens;
  const messageTokens = parseEditable('message', message);
  if (messageTokens.kind === 'problem') return messageTokens;

  const words = factsInWords(facts, texts, false);
  const values = emailValues(facts, words, texts);
  const renderedSubject = oneLine(fillLines(subjectTokens.tokens, values).join(' ')).slice(0, longestSubject);
  if (renderedSubject === '') return { kind: 'problem', problem: { kind: 'empty', field: 'subject' } };
  const parts = toParts(messageTokens.tokens, values);
  const footer = footerOf(facts, texts);
  const html = await renderLayout(layoutData(facts, { texts, words, values, parts, footer, subject: renderedSubject }));
  if (Buffer.byteLength(html) > largestHtml) {
    const limit = Math.floor(message.length / 2);
    return { kind: 'problem', problem: { kind: 'too-long', field: 'message', limit, unit: 'characters' } };
  }
  const text = `${partsToText(parts, values)}\n\n-- \n${footer.join('\n')}\n`;
  return {
    kind: 'composed',
    email: { template, subject, message, rendered: { subject: renderedSubject, html, text } },
  };
}

function footerOf(facts: MessageFacts, { phrases }: LocaleTexts): string[] {
  const reply = replyAddress(facts);
  return [phrases.sentBy(oneLine(facts.tenant.name)), ...(reply === null ? [] : [phrases.replyTo(oneLine(reply))])];
}

function layoutData(
  facts: MessageFacts,
  {
    texts,
    words,
    values,
    parts,
    footer,
    subject,
  }: {
    texts: LocaleTexts;
    words: FactsInWords;
    values: PlaceholderValues;
    parts: readonly Part[];
    footer: readonly string[];
    subject: string;
  },
): LayoutData {
  const { labels, moreDueDates } = texts.phrases;
  const colour = validColour(facts.tenant.colour);
  const hidden = words.rows.length - mostRows;
  return {
    lang: facts.locale,
    subject,
    preview: `${labels.open}: ${words.all.outstanding} · ${labels.due}: ${words.first.dueOn}`,
    sender: words.sender,
    logo: webLogo(facts.tenant.logo),
    colour,
    onColour: onColour(colour),
    parts: parts.map((part) => (part.kind === 'text' ? part : { kind: part.name, lines: [] })),
    rows: words.rows.slice(0, mostRows).map((row) => ({
      title: row.title,
      dueOn: row.dueOn,
      late: row.daysLate > 0,
      amount: row.amount,
      // A single row's open amount is the total below it.
      outstanding: words.rows.length > 1 ? row.outstanding : '',
      received: row.received ?? '',
      // One address for all is the button; several stand in their rows.
      paymentUrl: words.paymentUrl === null ? (row.paymentUrl ?? '') : '',
    })),
    more: hidden > 0 ? moreDueDates(hidden) : '',
    totalLabel: words.rows.length > 1 ? labels.total : labels.open,
    outstanding: words.all.outstanding,
    received: words.all.received ?? '',
    bank: bankRows(words, values, texts),
    paymentUrl: words.paymentUrl ?? '',
    labels,
    footer,
  };
}

function bankRows({ bank }: FactsInWords, values: PlaceholderValues, texts: LocaleTexts): LayoutData['bank'] {
  if (!bank) return [];
  const { labels } = texts.phrases;
  return [
    { label: labels.holder, value: bank.holder, code: false },
    { label: 'IBAN', value: bank.iban, code: true },
    ...(bank.bic === null ? [] : [{ label: 'BIC', value: bank.bic, code: true }]),
    { label: labels.reference, value: values.reference, code: false },
  ];
}

import type { InlineImage } from '../domain/inline-image.ts';
import type { MessageFacts } from '../domain/message-facts.ts';
import { editableEmail, standingRef, type TemplateRef } from './editable-source.ts';
import { factsInWords, type FactsInWords } from './facts-in-words.ts';
import { layoutData } from './layout-data.ts';
import { renderLayout } from './layout.ts';
import type { LocaleTexts } from './locales/locale-texts.ts';
import { oneLine } from './one-line.ts';
import { fillLines, partsToText, toParts } from './paragraphs.ts';
import { renderOwnHtml } from './own/own-html.ts';
import type { OwnTemplate } from './own/own-template.ts';
import { readText } from './own/read-text.ts';
import { listsInWords, mjmlScope } from './own/scope.ts';
import type { ComposeProblem, PlaceholderValues } from './placeholders.ts';
import { qrOf } from './qr.ts';
import { showsAmount } from './shows-amount.ts';
import { emailValues, replyAddress } from './values.ts';

export type ComposedEmail = {
  readonly template: TemplateRef;
  /** As they can be edited: placeholders kept. Given back, they compose the same again, to the byte. */
  readonly subject: string;
  readonly message: string;
  readonly rendered: { readonly subject: string; readonly html: string; readonly text: string };
  /** What the HTML shows as `cid:`, to be sent along with it. */
  readonly inlineImages: readonly InlineImage[];
  /** Whether the page says what is open. Ours always does. */
  readonly showsAmount: boolean;
};

export type EmailWish = {
  readonly subject?: string | undefined;
  readonly message?: string | undefined;
  readonly template?: string | undefined;
};

// Gmail cuts a message at 102 kB.
const largestHtml = 100_000;
const mostRows = 50;
const longestSubject = 200;

/**
 * Composes an email. What the caller does not give is the template's. Pure: equal input, equal bytes.
 * A subject or message that cannot be used comes back as a problem; nothing is thrown for it.
 * @param own the tenant's own template, where one stands for this key and language.
 */
export async function composeEmail(
  facts: MessageFacts,
  wish: EmailWish = {},
  own: OwnTemplate | null = null,
): Promise<
  | { readonly kind: 'composed'; readonly email: ComposedEmail }
  | { readonly kind: 'problem'; readonly problem: ComposeProblem }
> {
  const source = editableEmail(facts, wish.template);
  if (source.kind === 'problem') return source;
  const { texts, editable } = source;
  const template = standingRef(source.template, own);
  const subject = wish.subject ?? own?.subject ?? editable.subject;
  const message = wish.message ?? own?.text ?? editable.message;

  const words = factsInWords(facts, texts, false);
  const values = emailValues(facts, words, texts);
  const lists = () => listsInWords(words, values, texts, mostRows);
  const subjectTokens = readText('subject', subject, values, lists);
  if (subjectTokens.kind === 'problem') return subjectTokens;
  const messageTokens = readText('message', message, values, lists);
  if (messageTokens.kind === 'problem') return messageTokens;
  const wholeSubject = oneLine(fillLines(subjectTokens.tokens, values).join(' '));
  // The cut may go through an emoji, of which half is left.
  const renderedSubject = wholeSubject
    .slice(0, longestSubject)
    .replace(/\p{Cs}$/u, '')
    .trimEnd();
  if (renderedSubject === '') return { kind: 'problem', problem: { kind: 'empty', field: 'subject' } };
  const parts = toParts(messageTokens.tokens, values);
  const footer = footerOf(facts, texts);
  const images = imagesOf(facts, words, values.bankDetails !== '');
  const shown = { facts, texts, words, parts, footer, subject: renderedSubject, ...images };
  // MJML that does not show the message cannot carry one that somebody wrote for this email.
  const page = own !== null && (message === own.text || own.showsMessage) ? own.html : null;
  const html = await fitting(facts.dueDates.length, async (rows) =>
    page === null ? renderLayout(layoutData(shown, rows)) : renderOwnHtml(page, ownScope(shown, values, rows)),
  );
  if (html === null) {
    const limit = Math.floor(message.length / 2);
    return { kind: 'problem', problem: { kind: 'too-long', field: 'message', limit, unit: 'characters' } };
  }
  const text = `${partsToText(parts, values)}\n\n-- \n${footer.join('\n')}\n`;
  const inlineImages = [images.logo, images.qr]
    .filter((image) => image !== null)
    .filter(({ cid }) => html.includes(`cid:${cid}`));
  const rendered = { subject: renderedSubject, html, text };
  return {
    kind: 'composed',
    email: { template, subject, message, rendered, inlineImages, showsAmount: showsAmount(html, words) },
  };
}

/** Shows fewer of the due dates until the page is small enough: the last ones are counted instead, and all stand in the text. */
async function fitting(all: number, render: (rows: number) => Promise<string | null>): Promise<string | null> {
  for (let rows = Math.min(all, mostRows); ; rows = Math.floor(rows / 2)) {
    const html = await render(rows);
    if (html !== null && html.length <= largestHtml && Buffer.byteLength(html) <= largestHtml) return html;
    if (rows === 0) return null;
  }
}

function ownScope(shown: Parameters<typeof layoutData>[0], values: PlaceholderValues, rows: number) {
  const { words, texts, parts } = shown;
  const { qr, ...extras } = layoutData(shown, rows);
  return mjmlScope(values, listsInWords(words, values, texts, rows), parts, { ...extras, qr: qr.src });
}

function imagesOf(facts: MessageFacts, words: FactsInWords, asksForTransfer: boolean) {
  const { logoImage } = facts.tenant;
  const logo: InlineImage | null =
    logoImage === null
      ? null
      : { kind: 'kept', cid: `${logoImage.slice(0, 24)}@logo.sollecito`, name: 'logo', sha256: logoImage };
  return { logo, qr: asksForTransfer ? qrOf(facts, words.reference) : null };
}

function footerOf(facts: MessageFacts, { phrases }: LocaleTexts): string[] {
  const reply = replyAddress(facts);
  return [phrases.sentBy(oneLine(facts.tenant.name)), ...(reply === null ? [] : [phrases.replyTo(oneLine(reply))])];
}

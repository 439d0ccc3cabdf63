import type { MessageFacts, DueDateFacts } from '../domain/message-facts.ts';
import type { LocaleTexts, NamedDocument } from './locales/locale-texts.ts';
import { hasNamesake } from './locales/naming.ts';
import { documentsOf } from './named-documents.ts';
import { oneLine } from './one-line.ts';

// A transfer's reference holds 140 characters (SEPA rulebook, AT-05).
const longest = 140;

/** What the payer writes into the transfer for these due dates, so that the payment can be told from any other. */
export function transferReference(facts: MessageFacts, dueDates: readonly DueDateFacts[], texts: LocaleTexts): string {
  const { phrases } = texts;
  const documents = documentsOf(dueDates, texts, true);
  const [first, ...others] = documents;
  if (!first || documents.some((document) => document.number === null)) {
    const instalments = first?.instalments && others.length === 0 ? ` (${phrases.instalments(first.instalments)})` : '';
    const customer = bankLetters(phrases.referenceOf(oneLine(facts.customer.name)));
    return customer.slice(0, longest - instalments.length) + bankLetters(instalments);
  }
  return others.length === 0 ? referenceOfOne(first, texts) : referenceOfSeveral(documents, texts);
}

// What matters least goes first when it is too long.
function referenceOfOne(document: NamedDocument, { phrases }: LocaleTexts): string {
  const { number, instalments } = document;
  const ways = [
    capital(phrases.document([document])),
    capital(phrases.documentTitle([document])),
    `${number ?? ''}${instalments ? ` (${phrases.instalments(instalments)})` : ''}`,
  ].map(bankLetters);
  return ways.find((text) => text.length <= longest) ?? (number ?? '').slice(0, longest);
}

function referenceOfSeveral(documents: readonly NamedDocument[], { phrases }: LocaleTexts): string {
  const titles = documents.map((each) =>
    bankLetters(hasNamesake(each, documents) ? phrases.document([each]) : phrases.documentTitle([each])),
  );
  let text = '';
  for (const title of titles) {
    const longer = text === '' ? title : `${text}, ${title}`;
    // A number that is cut off would name another document.
    if (text !== '' && longer.length > longest - 2) return `${capital(text)} …`;
    text = longer;
  }
  return capital(text).slice(0, longest);
}

// Banks need take no more than basic Latin letters (EPC217-08), and what they do with others differs from one to the
// next. Letters of other scripts have no stand-in and stay.
function bankLetters(text: string): string {
  return text
    .normalize('NFD')
    .replaceAll(/(?<=[a-z])\p{M}+/giu, '')
    .normalize('NFC')
    .replaceAll(/[‘’]/g, "'")
    .replaceAll('–', '-')
    .replaceAll(/\p{Zs}/gu, ' ');
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

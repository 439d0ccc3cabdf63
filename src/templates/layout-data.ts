import type { InlineImage } from '../domain/inline-image.ts';
import type { MessageFacts } from '../domain/message-facts.ts';
import { add, formatMoney, zero } from '../domain/money.ts';
import { onColour, validColour, webLogo } from './appearance.ts';
import type { FactsInWords } from './facts-in-words.ts';
import type { LayoutData } from './layout.ts';
import type { LocaleTexts } from './locales/locale-texts.ts';
import type { Part } from './paragraphs.ts';
import { qrWords } from './qr-words.ts';

type Shown = {
  readonly facts: MessageFacts;
  readonly texts: LocaleTexts;
  readonly words: FactsInWords;
  readonly parts: readonly Part[];
  readonly footer: readonly string[];
  readonly subject: string;
  readonly logo: InlineImage | null;
  readonly qr: InlineImage | null;
};

/** What the layout is filled with. @param mostRows so many of the due dates are listed, the others counted. */
export function layoutData(shown: Shown, mostRows: number): LayoutData {
  const { facts, texts, words, parts, footer, subject } = shown;
  const { labels, moreDueDates } = texts.phrases;
  const colour = validColour(facts.tenant.colour);
  const hidden = words.rows.length - mostRows;
  const several = words.rows.length > 1;
  return {
    lang: facts.locale,
    subject,
    preview: previewOf(shown),
    sender: words.sender,
    logo: shown.logo === null ? webLogo(facts.tenant.logo) : `cid:${shown.logo.cid}`,
    colour,
    onColour: onColour(colour),
    parts: parts.map((part) => (part.kind === 'text' ? part : { kind: part.name, lines: [] })),
    rows: words.rows.slice(0, mostRows).map((row, n) => rowOf(row, facts.dueDates[n], shown)),
    more: hidden > 0 ? moreDueDates(hidden) : '',
    totalLabel: several ? labels.total : labels.open,
    totals: totalsOf(shown),
    totalNotes: [
      ...(words.all.received === null ? [] : [line(texts, labels.received, words.all.received)]),
      ...credit(words.all, texts),
    ],
    bank: bankRows(shown),
    qr: qrData(shown),
    paymentUrl: words.paymentUrl ?? '',
    labels,
    footer,
  };
}

// What stands beside the subject in a list of messages: the sum and the day, or what a message that asks for nothing says.
function previewOf({ facts, texts, words, parts }: Shown): string {
  const { labels } = texts.phrases;
  if (facts.dueDates.some((dueDate) => dueDate.outstanding.units > 0n)) {
    return `${line(texts, labels.open, words.all.outstanding)} · ${line(texts, labels.due, words.first.dueOn)}`;
  }
  const said = parts.flatMap((part) => (part.kind === 'text' ? part.lines : []));
  return said[1] ?? said[0] ?? '';
}

function rowOf(
  row: FactsInWords['rows'][number],
  dueDate: MessageFacts['dueDates'][number] | undefined,
  { texts, words }: Shown,
): LayoutData['rows'][number] {
  const { labels } = texts.phrases;
  const several = words.rows.length > 1;
  return {
    title: row.title,
    due: line(texts, labels.due, row.dueOn),
    late: row.daysLate > 0 && dueDate !== undefined && dueDate.outstanding.units > 0n,
    // A single row's open amount is the total below it, with what was taken off.
    amount: several ? row.outstanding : row.amount,
    was: several && row.amount !== row.outstanding ? `${labels.originally} ${row.amount}` : '',
    notes: several ? credit(row, texts) : [],
    // One address for all is the button; several stand in their rows.
    paymentUrl: words.paymentUrl === null ? (row.paymentUrl ?? '') : '',
  };
}

// One below the other: joined in a sentence they would not fit beside their label on a phone.
function totalsOf({ facts, texts, words }: Shown): string[] {
  const byCurrency = Map.groupBy(facts.dueDates, (dueDate) => dueDate.outstanding.currency);
  if (byCurrency.size === 1) return [words.all.outstanding];
  return [...byCurrency]
    .map(([currency, dueDates]) => dueDates.reduce((sum, { outstanding }) => add(sum, outstanding), zero(currency)))
    .filter((sum) => sum.units > 0n)
    .map((sum) => formatMoney(sum, texts.intl));
}

function bankRows({ words: { bank, reference }, texts }: Shown): LayoutData['bank'] {
  if (!bank) return [];
  const { labels } = texts.phrases;
  return [
    { label: labels.holder, value: bank.holder, groups: [] },
    { label: 'IBAN', value: '', groups: bank.iban.split(' ') },
    ...(bank.bic === null ? [] : [{ label: 'BIC', value: bank.bic, groups: [] }]),
    { label: labels.reference, value: reference, groups: [] },
  ];
}

function qrData({ facts, words, qr }: Shown): LayoutData['qr'] {
  if (qr === null) return { src: '', alt: '', scan: '' };
  const { scan, alt } = qrWords[facts.locale];
  const { outstanding } = words.all;
  return { src: `cid:${qr.cid}`, alt: alt(outstanding, words.bank?.holder ?? ''), scan: scan(outstanding) };
}

function credit({ credited }: { readonly credited: string | null }, texts: LocaleTexts): string[] {
  return credited === null ? [] : [line(texts, texts.phrases.labels.credited, credited)];
}

function line({ phrases }: LocaleTexts, label: string, value: string): string {
  return `${label}${phrases.labels.colon} ${value}`;
}

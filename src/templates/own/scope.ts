import type { FactsInWords } from '../facts-in-words.ts';
import type { LocaleTexts } from '../locales/locale-texts.ts';
import type { Part } from '../paragraphs.ts';
import type { PlaceholderValues } from '../placeholders.ts';
import type { LabelName } from './variables.ts';

/** What a text may name beside the placeholders. @param mostRows so many of the due dates are listed. */
export function listsInWords(words: FactsInWords, values: PlaceholderValues, texts: LocaleTexts, mostRows: number) {
  const { labels } = texts.phrases;
  const named: Readonly<Record<LabelName, string>> = labels;
  const { bank } = words;
  return {
    lang: texts.intl.slice(0, 2),
    labels: named,
    dueDateCount: words.rows.length,
    dueDateRows: words.rows.slice(0, mostRows).map((row) => ({
      title: row.title,
      dueOn: row.dueOn,
      daysLate: Math.max(0, row.daysLate),
      late: row.daysLate > 0,
      amount: row.amount,
      outstanding: row.outstanding,
      received: row.received ?? '',
      credited: row.credited ?? '',
      paymentUrl: row.paymentUrl ?? '',
    })),
    bank:
      bank === null
        ? []
        : [
            { label: labels.holder, value: bank.holder },
            { label: 'IBAN', value: bank.iban },
            ...(bank.bic === null ? [] : [{ label: 'BIC', value: bank.bic }]),
            { label: labels.reference, value: values.reference },
          ],
  };
}

/** What the MJML shows beside that, ready made: the built-in layout shows the same. */
export type MjmlExtras = {
  readonly subject: string;
  readonly preview: string;
  readonly more: string;
  readonly colour: string;
  readonly onColour: string;
  readonly logo: string;
  readonly qr: string;
  readonly footer: readonly string[];
};

export function mjmlScope(
  values: PlaceholderValues,
  lists: ReturnType<typeof listsInWords>,
  parts: readonly Part[],
  extras: MjmlExtras,
) {
  const message = parts.flatMap((part) => (part.kind === 'text' ? [part.lines] : []));
  const { subject, preview, more, colour, onColour, logo, qr, footer } = extras;
  const shown = { subject, preview, more, colour, onColour, logo, qr, footer };
  return { ...values, daysLate: Number(values.daysLate), ...lists, ...shown, message };
}

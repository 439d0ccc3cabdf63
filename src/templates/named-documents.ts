import type { DueDateFacts } from '../domain/message-facts.ts';
import { dateInWords } from './dates-in-words.ts';
import type { LocaleTexts, NamedDocument } from './locales/locale-texts.ts';
import { oneLine } from './one-line.ts';

/** The documents of these due dates, in their order. Several instalments of one document name it once. */
export function documentsOf(dueDates: readonly DueDateFacts[], texts: LocaleTexts, short: boolean): NamedDocument[] {
  const documents = new Map<string, NamedDocument>();
  for (const [i, dueDate] of dueDates.entries()) {
    const document = documentOf(dueDate, texts, short);
    const { type, number, date, instalments } = document;
    // What has neither number nor instalment cannot be told from another: each stands for itself.
    const alone = number === null && instalments === null ? i : null;
    const key = JSON.stringify([type, number, date, instalments?.count, alone]);
    const same = documents.get(key);
    documents.set(key, same ? together(same, document) : document);
  }
  return [...documents.values()];
}

/** The document of one due date. */
export function documentOf(dueDate: DueDateFacts, texts: LocaleTexts, short: boolean): NamedDocument {
  const number = oneLine(dueDate.documentNumber ?? '');
  const { instalment } = dueDate;
  return {
    type: dueDate.documentType,
    number: number === '' ? null : number,
    date: dueDate.documentDate === null ? null : dateInWords(dueDate.documentDate, texts.intl, short),
    instalments: instalment && { numbers: [instalment.number], count: instalment.count },
    short,
  };
}

function together(one: NamedDocument, other: NamedDocument): NamedDocument {
  if (!one.instalments || !other.instalments) return one;
  const numbers = [...new Set([...one.instalments.numbers, ...other.instalments.numbers])].sort((a, b) => a - b);
  return { ...one, instalments: { numbers, count: one.instalments.count } };
}

import type { MessageLocale } from '../../../domain/locale.ts';
import { english } from './english.ts';
import { french } from './french.ts';
import { german } from './german.ts';
import { italian } from './italian.ts';
import { spanish } from './spanish.ts';

/** The languages that a document can be printed in, as BCP 47 tags. */
export type DocumentLocale = MessageLocale;

/** Everything that a printed document says by itself, in one language. */
export type Words = { readonly [key in keyof typeof italian]: string };

export function wordsIn(locale: DocumentLocale): Words {
  return all[locale];
}

const all: Readonly<Record<DocumentLocale, Words>> = {
  it: italian,
  en: english,
  de: german,
  fr: french,
  es: spanish,
};

/** One name in each language. */
export type Names = readonly [it: string, en: string, de: string, fr: string, es: string];

export function nameIn(locale: DocumentLocale, names: Names): string {
  return names[columns[locale]];
}

const columns = { it: 0, en: 1, de: 2, fr: 3, es: 4 } as const satisfies Record<DocumentLocale, number>;

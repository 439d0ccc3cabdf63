/** The languages that texts and documents are written in. */
export const messageLocales = ['it', 'en', 'de', 'fr', 'es'] as const;
export type MessageLocale = (typeof messageLocales)[number];

/** How Intl writes amounts and days in each: the same in a message and in its document. */
export const intlTags = {
  it: 'it-IT',
  en: 'en-GB',
  de: 'de-DE',
  fr: 'fr-FR',
  es: 'es-ES',
} as const satisfies Record<MessageLocale, string>;

const spoken: ReadonlyMap<string, MessageLocale> = new Map(messageLocales.map((locale) => [locale, locale]));

/**
 * The language we write to somebody of that locale (BCP 47, such as `de-AT`); English where we do not speak it. By
 * language alone, so that the amounts of a message and of its document are written alike in every country.
 */
export function localeOf(locale: string): MessageLocale {
  return spoken.get(locale.toLowerCase().split(/[-_]/)[0] ?? '') ?? 'en';
}

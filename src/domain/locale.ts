import { type MessageLocale, messageLocales } from './message-facts.ts';

const spoken: ReadonlyMap<string, MessageLocale> = new Map(messageLocales.map((locale) => [locale, locale]));

/**
 * The language we write to somebody of that locale (BCP 47, such as `de-AT`); English where we do not speak it. By
 * language alone, so that the amounts of a message and of its document are written alike in every country.
 */
export function localeOf(locale: string): MessageLocale {
  return spoken.get(locale.toLowerCase().split(/[-_]/)[0] ?? '') ?? 'en';
}

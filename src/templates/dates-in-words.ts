/**
 * A day (`YYYY-MM-DD`) as a reader of that locale writes it: `2 aprile 2026`, or in short `02/04/2026`.
 * English spells the month in both: 03/04 is read one way in London and another in New York.
 */
export function dateInWords(isoDate: string, locale: string, short: boolean): string {
  const writer = writerOf(locale, short);
  const known = writer.days.get(isoDate);
  if (known !== undefined) return known;
  // V8 makes a formatter anew for each Temporal value, so the day goes in as its midnight in UTC.
  const written = writer.format.format(Date.parse(isoDate));
  // CLDR has no ordinal for it; in French it is a mistake to do without.
  const text = locale.startsWith('fr') && !short ? written.replace(/^1(?=\s)/, '1er') : written;
  if (writer.days.size >= mostDays) writer.days.clear();
  writer.days.set(isoDate, text);
  return text;
}

type Writer = { readonly format: Intl.DateTimeFormat; readonly days: Map<string, string> };

// Making a format costs a hundred times its use, and that is the dearest part of a message's words; a few days, above
// all today, stand in most messages. The locales are ours, so the number of writers is bounded.
const writers = new Map<string, Writer>();
const mostDays = 1_000;

function writerOf(locale: string, short: boolean): Writer {
  const key = short ? `${locale} short` : locale;
  const known = writers.get(key);
  if (known) return known;
  const writer = { format: dateFormat(locale, short), days: new Map<string, string>() };
  writers.set(key, writer);
  return writer;
}

function dateFormat(locale: string, short: boolean): Intl.DateTimeFormat {
  const common = { year: 'numeric', timeZone: 'UTC' } as const;
  if (!short) return new Intl.DateTimeFormat(locale, { ...common, day: 'numeric', month: 'long' });
  const month = locale.startsWith('en') ? 'short' : '2-digit';
  return new Intl.DateTimeFormat(locale, { ...common, day: '2-digit', month });
}

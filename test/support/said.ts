import type { MessageLocale } from '../../src/domain/locale.ts';
import type { MessageFacts } from '../../src/domain/message-facts.ts';
import { templateKeys, type TemplateKey } from '../../src/templates/locales/locale-texts.ts';
import { emailOf, plain, smsOf } from './composed.ts';
import { dueDateFacts, euro, messageFacts } from './message-facts.ts';

/** Every built-in text of a locale, filled in; ` | ` stands between paragraphs, or between the lines of an SMS. */
export type Said = {
  readonly greeting: string;
  readonly friendlyClose: string;
  readonly firmClose: string;
} & Readonly<Record<TemplateKey, SaidByKey>>;

type SaidByKey = {
  readonly subject: string;
  /** What stands between the greeting and the amounts, for one due date. */
  readonly says: string;
  readonly several: string;
  readonly sms: string;
};

const todays: Readonly<Partial<Record<TemplateKey, string>>> = { courtesy: '2026-03-20', 'due-today': '2026-04-02' };

export async function saidIn(locale: MessageLocale): Promise<Said> {
  const friendly = await paragraphsOf(factsOf(locale, 'courtesy', 1), 'courtesy');
  const firm = await paragraphsOf(factsOf(locale, 'overdue', 1), 'overdue');
  const byKey = await Promise.all(templateKeys.map(async (key) => [key, await saidByKey(locale, key)] as const));
  return {
    greeting: friendly.greeting,
    friendlyClose: friendly.close,
    firmClose: firm.close,
    ...(Object.fromEntries(byKey) as Record<TemplateKey, SaidByKey>),
  };
}

async function saidByKey(locale: MessageLocale, key: TemplateKey): Promise<SaidByKey> {
  const one = factsOf(locale, key, 1);
  return {
    subject: plain((await emailOf(one, { template: key })).rendered.subject),
    says: (await paragraphsOf(one, key)).says,
    several: (await paragraphsOf(factsOf(locale, key, 2), key)).says,
    sms: smsOf(one, { template: key }).rendered.text.replaceAll('\n', ' | '),
  };
}

// Instalments of one invoice; the first was paid in part where a message gives thanks.
function factsOf(locale: MessageLocale, key: TemplateKey, count: 1 | 2): MessageFacts {
  const outstanding = euro(key === 'thank-you' ? '720.00' : '1220.00');
  const dueDates = [
    dueDateFacts({ outstanding, instalment: { number: 1, count: 2 } }),
    dueDateFacts({ dueOn: '2026-05-02', instalment: { number: 2, count: 2 } }),
  ].slice(0, count);
  const today = todays[key] ?? '2026-04-14';
  return messageFacts({ locale, today, dueDates, bankAccount: null, documentUrl: null, attachesDocument: false });
}

async function paragraphsOf(
  facts: MessageFacts,
  key: TemplateKey,
): Promise<{ greeting: string; says: string; close: string }> {
  const { text } = (await emailOf(facts, { template: key })).rendered;
  const paragraphs = text.split('\n\n');
  const first = paragraphs.findIndex((paragraph) => paragraph.includes('2026/12'));
  const amounts = paragraphs.findIndex((paragraph) => paragraph.includes('\n  '));
  const joined = (from: number, to?: number): string =>
    paragraphs
      .slice(from, to)
      .map((paragraph) => plain(paragraph).trim())
      .join(' | ');
  return { greeting: joined(0, first), says: joined(first, amounts), close: joined(amounts + 1) };
}

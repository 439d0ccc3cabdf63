import type { MessageFacts } from '../domain/message-facts.ts';
import { de } from './locales/de.ts';
import { en } from './locales/en.ts';
import { es } from './locales/es.ts';
import { fr } from './locales/fr.ts';
import { it } from './locales/it.ts';
import { templateKeys, type ByCount, type LocaleTexts, type TemplateKey } from './locales/locale-texts.ts';
import type { ComposeProblem } from './placeholders.ts';

/** Which template a message was made from: noted with it, so that a change shows. `own-3`: the tenant's, its third version. */
export type TemplateRef = {
  readonly key: TemplateKey;
  readonly version: number | `own-${number}`;
  readonly locale: string;
};

/** The same for the tenant's own template, where one stands in the place of ours. */
export function standingRef(ours: TemplateRef, own: { readonly version: number } | null): TemplateRef {
  return own === null ? ours : { ...ours, version: `own-${own.version}` };
}

export type EditableSource<T> =
  | { readonly kind: 'source'; readonly template: TemplateRef; readonly texts: LocaleTexts; readonly editable: T }
  | { readonly kind: 'problem'; readonly problem: ComposeProblem };

// Raised with every change of a built-in text or of the layout.
const builtInVersion = 3;
const locales = { it, en, de, fr, es } as const;

/** The subject and message that an email of these facts proposes, placeholders kept. */
export function editableEmail(
  facts: MessageFacts,
  key?: string,
): EditableSource<{ readonly subject: string; readonly message: string }> {
  return choose(facts, key, (texts) => texts.email);
}

/** The message that an SMS of these facts proposes, placeholders kept. */
export function editableSms(facts: MessageFacts, key?: string): EditableSource<string> {
  return choose(facts, key, (texts) => texts.sms);
}

function choose<T>(
  facts: MessageFacts,
  wanted: string | undefined,
  pick: (texts: LocaleTexts) => Readonly<Record<TemplateKey, ByCount<T>>>,
): EditableSource<T> {
  const key = templateKeyFor(facts, wanted);
  if (key === undefined) return { kind: 'problem', problem: { kind: 'unknown-template', name: wanted ?? '' } };
  const texts = locales[facts.locale];
  const byCount = pick(texts)[key];
  return {
    kind: 'source',
    template: { key, version: builtInVersion, locale: facts.locale },
    texts,
    editable: facts.dueDates.length === 1 ? byCount.one : byCount.many,
  };
}

/** The template of that name; without one, that which the due dates ask for. Undefined for a name that there is not. */
export function templateKeyFor(facts: MessageFacts, wanted: string | undefined): TemplateKey | undefined {
  return wanted === undefined ? keyFor(facts) : templateKeys.find((each) => each === wanted);
}

// Of several due dates one that is late sets the tone, else one that is due today.
function keyFor({ dueDates, today }: MessageFacts): TemplateKey {
  if (dueDates.some((dueDate) => dueDate.dueOn < today)) return 'overdue';
  return dueDates.some((dueDate) => dueDate.dueOn === today) ? 'due-today' : 'courtesy';
}

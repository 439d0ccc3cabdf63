/** What one locale brings: the editable texts, with their placeholders, and the phrases that fill them. */
export type LocaleTexts = {
  /** For BCP 47 tags and Intl: how amounts and dates are written. */
  readonly intl: string;
  readonly email: Readonly<Record<TemplateKey, ByCount<{ readonly subject: string; readonly message: string }>>>;
  readonly sms: Readonly<Record<TemplateKey, ByCount<string>>>;
  readonly phrases: Phrases;
};

/** `courtesy` until the due date, friendly; `overdue` from the day after it, firm. */
export const templateKeys = ['courtesy', 'overdue'] as const;
export type TemplateKey = (typeof templateKeys)[number];

/** One text for a single due date, one for several. */
export type ByCount<T> = { readonly one: T; readonly many: T };

/** A document as a phrase needs it: `date` is already written out. */
export type NamedDocument = { readonly type: string; readonly number: string | null; readonly date: string | null };

export type Phrases = {
  /** `fattura n. 12` */
  readonly documentTitle: (documents: readonly NamedDocument[]) => string;
  /** `della fattura n. 12 del 3 marzo 2026`: completes "payment …". */
  readonly forDocument: (documents: readonly NamedDocument[]) => string;
  /** `fattura n. 12 del 3 marzo 2026` */
  readonly document: (documents: readonly NamedDocument[]) => string;
  /** Completes "the payment …": `scade il …`. `daysLate` is negative before the due date. */
  readonly dueStatus: (date: string, daysLate: number) => string;
  /** The open amount, and what was already received of it. `short` is for an SMS. */
  readonly openBalance: (balance: { outstanding: string; received: string | null }, short: boolean) => string;
  /** Beside what is late, so many due dates are listed that are not. */
  readonly upcomingNote: (count: number) => string;
  /** The same where there is no list. */
  readonly smsUpcomingNote: (upcoming: {
    count: number;
    documents: readonly NamedDocument[];
    outstanding: string;
    firstDueOn: string;
  }) => string;
  readonly list: (items: readonly string[]) => string;
  /** So many documents are attached. */
  readonly attachmentNote: (count: number) => string;
  readonly contactNote: string;
  readonly sentBy: (sender: string) => string;
  readonly replyTo: (address: string) => string;
  readonly smsBankDetails: (bank: { holder: string; iban: string; bic: string | null; reference: string }) => string;
  /** The reference of a transfer when no document has a number. */
  readonly referenceOf: (customer: string) => string;
  readonly moreDueDates: (count: number) => string;
  readonly labels: Labels;
};

type Labels = {
  readonly due: string;
  readonly amount: string;
  readonly received: string;
  readonly open: string;
  readonly total: string;
  readonly originally: string;
  readonly bankHeading: string;
  readonly holder: string;
  readonly reference: string;
  readonly payOnline: string;
  readonly document: string;
};

/** What one locale brings: the editable texts, with their placeholders, and the phrases that fill them. */
export type LocaleTexts = {
  /** For BCP 47 tags and Intl: how amounts and dates are written. */
  readonly intl: string;
  readonly email: Readonly<Record<TemplateKey, ByCount<EmailText>>>;
  readonly sms: Readonly<Record<TemplateKey, ByCount<string>>>;
  readonly phrases: Phrases;
};

/**
 * `courtesy` before the due date, friendly; `due-today` on it, matter-of-fact; `overdue` from the day after it, firm.
 * Only when asked for by name: `final-notice`, the last one, and `thank-you`, for a payment that came.
 */
export const templateKeys = ['courtesy', 'due-today', 'overdue', 'final-notice', 'thank-you'] as const;
export type TemplateKey = (typeof templateKeys)[number];

/** One text for a single due date, one for several. */
export type ByCount<T> = { readonly one: T; readonly many: T };

export type EmailText = { readonly subject: string; readonly message: string };

/** A document as a phrase needs it. */
export type NamedDocument = {
  readonly type: string;
  readonly number: string | null;
  /** Already written out. */
  readonly date: string | null;
  /** Those that are spoken of, in order; null for a document that is due at once. */
  readonly instalments: { readonly numbers: readonly number[]; readonly count: number } | null;
  /** For an SMS or a transfer's reference: signs such as "n°" are written with letters that both can carry. */
  readonly short: boolean;
};

/** What is open, and what was taken off before: by payments, by credit notes. */
export type Balance = {
  readonly outstanding: string;
  readonly received: string | null;
  readonly credited: string | null;
};

/** Due dates of which an SMS, which has no list, speaks in one sentence. */
export type OtherDueDates = {
  readonly count: number;
  readonly documents: readonly NamedDocument[];
  readonly outstanding: string;
  readonly firstDueOn: string;
};

/** An amount and the documents that it was meant for. */
export type AmountFor = { readonly amount: string; readonly documents: readonly NamedDocument[] };

/** What came, and what credit notes took off: only the former is thanked for. */
export type Settlement = {
  readonly received: AmountFor | null;
  readonly credited: AmountFor | null;
  /** All that the message speaks of. */
  readonly documents: readonly NamedDocument[];
};

/** What is left to pay beside what came. */
export type Rest = {
  readonly count: number;
  readonly outstanding: string;
  /** Null when the message speaks of one due date only, which it has named already. */
  readonly documents: readonly NamedDocument[] | null;
  readonly firstDueOn: string;
  /** Of the first one. */
  readonly dueStatus: string;
};

export type Phrases = {
  /** `fattura n. 12 (rata 2 di 3)` */
  readonly documentTitle: (documents: readonly NamedDocument[]) => string;
  /** `della fattura n. 12 del 3 marzo 2026 (rata 2 di 3)`: completes "payment …". */
  readonly forDocument: (documents: readonly NamedDocument[]) => string;
  /** `fattura n. 12 del 3 marzo 2026 (rata 2 di 3)` */
  readonly document: (documents: readonly NamedDocument[]) => string;
  /** `rata 2 di 3`, `rate 1 e 2 di 3` */
  readonly instalments: (instalments: NonNullable<NamedDocument['instalments']>) => string;
  /** Tells apart documents that have neither number nor date: `scadenza 01/04/2026`. */
  readonly dueOn: (date: string) => string;
  /** Completes "the payment …": `scade il …`. `daysLate` is negative before the due date. `short` is for an SMS. */
  readonly dueStatus: (date: string, daysLate: number, short: boolean) => string;
  readonly openBalance: (balance: Balance, short: boolean) => string;
  /** Beside what is late, so many due dates are listed that are not. */
  readonly upcomingNote: (count: number) => string;
  /** Beside what is due first, so many are listed that are due later. */
  readonly furtherNote: (count: number) => string;
  readonly smsUpcomingNote: (upcoming: OtherDueDates) => string;
  readonly smsFurtherNote: (further: OtherDueDates) => string;
  /** A subject: `Pagamento ricevuto: fattura n. 12`. */
  readonly receivedTitle: (settlement: Settlement) => string;
  /** Says what came and thanks for it; follows the greeting or, in an SMS, the sender. */
  readonly receivedNote: (settlement: Settlement, short: boolean) => string;
  /** Says what is left to pay; null when nothing is. */
  readonly restNote: (rest: Rest | null, short: boolean) => string;
  readonly list: (items: readonly string[]) => string;
  /** So many documents are attached. */
  readonly attachmentNote: (count: number) => string;
  readonly contactNote: string;
  /** Where an answer to an SMS goes: its sender is often a name, to which nobody can reply. */
  readonly smsContactNote: (address: string) => string;
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
  readonly credited: string;
  readonly open: string;
  readonly total: string;
  readonly originally: string;
  readonly bankHeading: string;
  readonly holder: string;
  readonly reference: string;
  readonly payOnline: string;
  readonly document: string;
  /** Follows a label: French sets a space before it. */
  readonly colon: string;
};

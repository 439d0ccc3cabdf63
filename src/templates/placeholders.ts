/**
 * What may stand between `{{` and `}}` in an editable subject or message. A value that is not there (no bank account,
 * no payment address) is empty, and a line or paragraph that holds nothing else disappears with it.
 */
export const placeholders = {
  customer: 'the customer’s name',
  sender: 'how the tenant signs',
  documentTitle: 'the document, short: "invoice no. 12 (instalment 2 of 3)"',
  document: 'the document with its date',
  forDocument: 'the same, to complete "payment …": "for invoice no. 12 of 3 March 2026"',
  documentNumber: 'the document’s number alone',
  documentDate: 'the document’s date alone',
  instalment: 'which instalment of its document: "instalment 2 of 3"; empty for the only one',
  overdueTitle: 'of several, the documents that are late, short; all of them when none is',
  forOverdue: 'the same, to complete "payment …"',
  firstTitle: 'of several, the documents that are due first, short',
  forFirst: 'the same, to complete "payment …"',
  amount: 'the amount as it was at first',
  received: 'what was paid of it so far; empty when nothing was',
  credited: 'what credit notes took off it; empty when none did',
  outstanding: 'what is still open',
  openBalance: 'what is still open, and what payments and credit notes took off before',
  overdueBalance: 'of what is late, the balance; of all when nothing is',
  firstBalance: 'of what is due first, the balance',
  upcomingNote: 'of several, says which are not late, when others are',
  furtherNote: 'of several, says which are due later than the first',
  receivedTitle: 'what a message of thanks is about: "Payment received: invoice no. 12"',
  receivedNote: 'says what was received and gives thanks for it; what a credit note took off is called so',
  restNote: 'says what is left to pay, or that nothing is',
  dueOn: 'the due date; of several, the first',
  dueStatus: 'completes "the payment …": "is due on …" or "was due on … (12 days ago)"',
  daysLate: 'days past the due date, 0 before it',
  today: 'the day of sending',
  dueDates: 'the due dates with their amounts, as a table',
  bankDetails: 'holder, IBAN, BIC and reference for a transfer',
  accountHolder: 'the account’s holder alone',
  iban: 'the IBAN alone',
  bic: 'the BIC alone',
  reference: 'the reference of a transfer alone',
  paymentLink: 'the way to pay online, as a button',
  paymentUrl: 'its address alone',
  documentLink: 'the way to the document, in an SMS',
  documentUrl: 'its address alone',
  attachmentNote: 'says that the document is attached, when it is',
  contactNote: 'invites a reply, when there is an address for it',
} as const;

export type PlaceholderName = keyof typeof placeholders;
export type PlaceholderValues = Readonly<Record<PlaceholderName, string>>;

/** These stand for several lines; alone in a paragraph of an email, they become a table, a panel and a button. */
export const blockNames = ['dueDates', 'bankDetails', 'paymentLink'] as const;
export type BlockName = (typeof blockNames)[number];

export type Token = { readonly text: string } | { readonly placeholder: PlaceholderName };
export type EditableField = 'subject' | 'message';

/** Why a caller's subject or message cannot be used. */
export type ComposeProblem =
  | { readonly kind: 'unknown-placeholder'; readonly field: EditableField; readonly name: string }
  /** Braces that do not close, or Liquid that is not taken. */
  | { readonly kind: 'unsupported-syntax'; readonly field: EditableField; readonly text: string }
  | { readonly kind: 'empty'; readonly field: EditableField }
  /** `limit` counts characters, or the parts of an SMS. */
  | {
      readonly kind: 'too-long';
      readonly field: EditableField;
      readonly limit: number;
      readonly unit: 'characters' | 'segments';
    }
  | { readonly kind: 'control-character'; readonly field: EditableField }
  | { readonly kind: 'unknown-template'; readonly name: string };

const limits = { subject: 250, message: 10_000 } as const;

/**
 * Reads a caller's text into words and placeholders. Nothing is evaluated: a placeholder is looked up by its name, and
 * what it stands for is never read again. `\r\n` counts as `\n`.
 */
export function parseEditable(
  field: EditableField,
  source: string,
):
  | { readonly kind: 'parsed'; readonly tokens: readonly Token[] }
  | { readonly kind: 'problem'; problem: ComposeProblem } {
  const text = source.replaceAll('\r\n', '\n');
  const problem = (value: ComposeProblem): { kind: 'problem'; problem: ComposeProblem } => ({
    kind: 'problem',
    problem: value,
  });
  const fault = faultOfText(field, text);
  if (fault) return problem(fault);
  const tokens: Token[] = [];
  for (const piece of text.split(/(\{\{.*?\}\})/s)) {
    const inside = /^\{\{(.*)\}\}$/s.exec(piece)?.[1]?.trim();
    if (inside === undefined) {
      const stray = /\{\{|\}\}|\{%|%\}/.exec(piece);
      if (stray)
        return problem({ kind: 'unsupported-syntax', field, text: piece.slice(stray.index, stray.index + 40) });
      if (piece !== '') tokens.push({ text: piece });
    } else if (isPlaceholder(inside)) {
      tokens.push({ placeholder: inside });
    } else if (/^[A-Za-z_][\w.-]*$/.test(inside)) {
      return problem({ kind: 'unknown-placeholder', field, name: inside.slice(0, 80) });
    } else {
      return problem({ kind: 'unsupported-syntax', field, text: piece.slice(0, 40) });
    }
  }
  return { kind: 'parsed', tokens };
}

/** Why a text cannot be used whatever stands between its braces; null when it can. */
export function faultOfText(field: EditableField, text: string): ComposeProblem | null {
  if (text.trim() === '') return { kind: 'empty', field };
  if (text.length > limits[field]) return { kind: 'too-long', field, limit: limits[field], unit: 'characters' };
  const allowed = field === 'message' ? /[^\P{Cc}\n\t]/u : /\p{Cc}/u;
  return allowed.test(text) ? { kind: 'control-character', field } : null;
}

export function isPlaceholder(name: string): name is PlaceholderName {
  return Object.hasOwn(placeholders, name);
}

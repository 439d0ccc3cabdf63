import type { MessageLocale } from './locale.ts';
import type { Money } from './money.ts';

/** All that a message is composed from. Composing reads nothing else, so equal facts give equal bytes. */
export type MessageFacts = {
  readonly tenant: TenantFacts;
  readonly customer: { readonly name: string };
  /** At least one. */
  readonly dueDates: readonly DueDateFacts[];
  readonly bankAccount: BankAccountFacts | null;
  /** The tenant's own day, `YYYY-MM-DD`. */
  readonly today: string;
  readonly locale: MessageLocale;
  /** The document behind an SMS link; a preview takes a placeholder of the same length. */
  readonly documentUrl: string | null;
  readonly attachesDocument: boolean;
};

export type TenantFacts = {
  readonly name: string;
  /** How the tenant signs; without it, `name`. */
  readonly senderName: string | null;
  /** `#rrggbb`; anything else is taken as none. */
  readonly colour: string | null;
  /** An https address of an image; anything else is taken as none. */
  readonly logo: string | null;
  /** The SHA-256 (hex) of a logo that is an image of ours: it comes with the message and goes before an address. */
  readonly logoImage: string | null;
  readonly replyTo: string | null;
  readonly email: string | null;
};

export type DueDateFacts = {
  readonly documentNumber: string | null;
  /** `YYYY-MM-DD` */
  readonly documentDate: string | null;
  /** `invoice`, `creditNote`, `receipt`, …: a type that has no word of its own is called a document. */
  readonly documentType: string;
  /** `YYYY-MM-DD` */
  readonly dueOn: string;
  readonly amount: Money;
  /** What is still open: `amount` less the payments and the credits. */
  readonly outstanding: Money;
  /** The money that came, which may be more than was owed. */
  readonly paid: Money;
  /** What credit notes took off it. */
  readonly credited: Money;
  /** Which one of several instalments of its document; null for the only one. `number` counts from 1. */
  readonly instalment: { readonly number: number; readonly count: number } | null;
  readonly paymentUrl: string | null;
};

export type BankAccountFacts = { readonly holder: string; readonly iban: string; readonly bic: string | null };

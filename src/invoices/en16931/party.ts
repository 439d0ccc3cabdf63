import type { InvoiceAddress, InvoiceBuyer, InvoiceParty, InvoiceWarning } from '../../domain/invoice.ts';
import { InvoiceRefused, notLonger } from '../field.ts';
import { buyerKindOf } from './buyer-kind.ts';

/** An identifier with its scheme (ISO 6523 ICD or EAS: `0088`, `9907`, `EM`) in capitals, `''` without one. */
export type Identifier = { readonly id: string; readonly scheme: string };

/** A party as both syntaxes state it; `path` is where its name should stand. */
export type StatedParty = {
  readonly path: string;
  /** BT-27, BT-44. */
  readonly legalName: string | null;
  /** BT-28, BT-45. */
  readonly tradingName: string | null;
  readonly contactName: string | null;
  /** BT-31, BT-48. */
  readonly vatId: string | null;
  /** BT-30, BT-47. */
  readonly registration: Identifier | null;
  /** BT-32: a tax registration that is no VAT id. */
  readonly taxRegistration: string | null;
  /** BT-29, BT-46. */
  readonly identifiers: readonly Identifier[];
  /** BT-34, BT-49. */
  readonly endpoints: readonly Identifier[];
  readonly address: StatedAddress;
  readonly emails: readonly (string | null)[];
  readonly phones: readonly (string | null)[];
};
type StatedAddress = {
  readonly street: readonly (string | null)[];
  readonly postalCode: string | null;
  readonly city: string | null;
  readonly province: string | null;
  readonly country: string | null;
};

export function sellerOf(stated: StatedParty, warnings: InvoiceWarning[]): InvoiceParty {
  const vatId = vatIdOf(stated, warnings);
  // Italy's certified mail is 0202 in the list of electronic addresses (EAS), all other mail EM; some write MAIL.
  const mail = stated.endpoints.filter(({ id }) => id.includes('@'));
  const certified = mail.find(({ scheme }) => scheme === '0202');
  return {
    name: nameOf(stated),
    vatId,
    taxCode: taxCodeOf(stated, vatId, warnings),
    address: addressOf(stated.address),
    email: emailsOf([...stated.emails, ...mail.flatMap((one) => (one === certified ? [] : one.id))]),
    phone: distinct(stated.phones).filter((phone) => /\d/.test(phone)),
    pec: certified?.id ?? null,
  };
}

// A telephone number or a description in the place of an address is none.
function emailsOf(texts: readonly (string | null)[]): string[] {
  return distinct(texts.map((text) => text?.trim().replace(/^mailto:/i, '') ?? null)).filter((email) =>
    email.includes('@'),
  );
}

/** @param reference the buyer's own (BT-10), which may be a German public body's Leitweg-ID. */
export function buyerOf(stated: StatedParty, reference: string | null, warnings: InvoiceWarning[]): InvoiceBuyer {
  const party = sellerOf(stated, warnings);
  const country = countryOf(stated.address);
  return { ...party, kind: buyerKindOf({ ...stated, name: party.name, vatId: party.vatId, country, reference }) };
}

/** Whether a field that a profile requires was only filled in. */
export function isPlaceholder(text: string): boolean {
  return /^(?:n[./]?a\.?|none|null|nicht vorhanden|unbekannt|[-–.?]+)$/i.test(text.trim());
}

/** One line of text, as names and addresses are. */
export function oneLine(text: string | null | undefined): string | null {
  const line = text?.replaceAll(/\s+/g, ' ').trim() ?? '';
  return line === '' ? null : line;
}

const longestName = 200;
const longestNumber = 30;

// The legal name before the trading name: it is who owes or is owed, and what a bank compares an account's holder with.
// A trading name may be a shop's or a brand's; it stands in only where nothing else does.
function nameOf({ legalName, tradingName, contactName, path }: StatedParty): string {
  const name = oneLine(legalName) ?? oneLine(tradingName) ?? oneLine(contactName);
  if (name !== null) return notLonger(name, longestName, path);
  throw new InvoiceRefused('missing-element', 'The party has no name', path);
}

// BR-CO-09 wants the country in front; Greece's VAT prefix is EL, not its ISO code.
function vatIdOf({ vatId, identifiers, endpoints, address }: StatedParty, warnings: InvoiceWarning[]): string | null {
  const italian = [...identifiers, ...endpoints].find(({ scheme }) => scheme === '0211' || scheme === '9906')?.id;
  const id = (vatId ?? italian)?.replaceAll(/\s/g, '').toUpperCase();
  if (id === undefined || !/\d/.test(id)) return null;
  const country = vatId === null ? 'IT' : (countryOf(address) ?? '');
  const whole = /^[A-Z]{2}/.test(id) ? id : `${country === 'GR' ? 'EL' : country}${id}`;
  return kept(whole, 'VAT id', warnings);
}

// An Italian tax code wherever it stands (ICD 0210, EAS 9907, before that IT:CF), else the number of the register, else
// that of the tax office.
function taxCodeOf(stated: StatedParty, vatId: string | null, warnings: InvoiceWarning[]): string | null {
  const { registration, identifiers, endpoints, taxRegistration } = stated;
  const italian = [registration, ...identifiers, ...endpoints].find((one) => one !== null && isItalianTaxCode(one));
  const candidates = [italian?.id.replace(/^(?:IT:)?CF:/i, ''), registration?.id, taxRegistration];
  const code = candidates
    .map((candidate) => candidate?.replaceAll(/\s+/g, ' ').trim().toUpperCase() ?? '')
    .find((candidate) => /\d/.test(candidate) && candidate !== vatId);
  return code === undefined ? null : kept(code, 'registration number', warnings);
}

/** Whether an identifier is an Italian `codice fiscale`: of a person (16 signs) or of a body (11 digits). */
export function isItalianTaxCode({ id, scheme }: Identifier): boolean {
  return ['0210', '9907', 'IT:CF'].includes(scheme) || /^(?:IT:)?CF:/i.test(id);
}

function kept(number: string, what: string, warnings: InvoiceWarning[]): string | null {
  if (number.length <= longestNumber) return number;
  const message = `The ${what} "${number.slice(0, 40)}…" has more than ${longestNumber} characters and is left out`;
  warnings.push({ code: 'number-too-long', message });
  return null;
}

function addressOf(stated: StatedAddress): InvoiceAddress | null {
  const street = distinct(stated.street).join(', ');
  const city = oneLine(stated.city) ?? '';
  if (street === '' && city === '') return null;
  const [postalCode, province] = [oneLine(stated.postalCode), oneLine(stated.province)];
  return { street, postalCode, city, province, country: countryOf(stated) };
}

function countryOf({ country }: StatedAddress): string | null {
  const code = country?.toUpperCase() ?? '';
  return /^[A-Z]{2}$/.test(code) ? code : null;
}

function distinct(texts: readonly (string | null)[]): string[] {
  return [...new Set(texts.map(oneLine))].filter((text) => text !== null).filter((text) => !isPlaceholder(text));
}

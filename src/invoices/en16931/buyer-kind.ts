import type { InvoiceBuyer } from '../../domain/invoice.ts';
import { type Identifier, isItalianTaxCode, isPlaceholder, type StatedParty } from './party.ts';

type Buyer = Pick<
  StatedParty,
  'registration' | 'identifiers' | 'endpoints' | 'legalName' | 'tradingName' | 'contactName'
> & {
  readonly name: string;
  readonly vatId: string | null;
  readonly country: string | null;
  readonly reference: string | null;
};

/**
 * EN 16931 does not say what kind of buyer it is. A public body shows by an identifier that only such have; a business by
 * a VAT id, a register, a number of a scheme for organisations, an address in a network of organisations, or a name that
 * is a firm's. Whoever shows none of these is taken for a consumer: to ask a consumer for a trader's interest would be
 * unlawful, to ask a firm for less is not.
 */
export function buyerKindOf(buyer: Buyer): InvoiceBuyer['kind'] {
  if (isPublic(buyer)) return 'public';
  return buyer.vatId !== null || isOrganisation(buyer) ? 'business' : 'consumer';
}

// ICD and EAS: 0204 Leitweg-ID (before 2019 9958), 0190 Dutch government (OIN), 9915 Austrian administration, 0130 directorates of the
// European Commission.
const publicSchemes: ReadonlySet<string> = new Set(['0204', '9958', '0190', '9915', '0130']);
// The Italian index of public bodies (IPA), and the exchange system's own addresses: six signs are a public office's,
// seven a private channel's.
const italianOffices: ReadonlySet<string> = new Set(['0201', '9921', '0205', 'IT:IPA', 'IT:CODDEST']);

function isPublic(buyer: Buyer): boolean {
  const { reference, country } = buyer;
  const numbers = numbersOf(buyer);
  return (
    numbers.some(({ id, scheme }) => {
      if (publicSchemes.has(scheme)) return true;
      return italianOffices.has(scheme) && country === 'IT' && /^[A-Z0-9]{6}$/i.test(id) && id !== '000000';
    }) ||
    (reference !== null && (country === null || country === 'DE') && isLeitwegId(reference))
  );
}

// Leitweg-ID: the state (01 to 16) or the Federation (99) and its area, a finer address, and check digits by ISO 7064
// MOD 97-10. Made-up ones in use have wrong check digits; only beside a municipality's whole key (8, 9 or 12 digits) is
// the form enough, as shorter ones look like order numbers.
function isLeitwegId(reference: string): boolean {
  const id = reference.trim().toUpperCase();
  if (!/^(?:0[1-9]|1[0-6]|99)\d{0,10}(?:-[A-Z0-9]{1,30})?-\d{2}$/.test(id)) return false;
  if (/^(?:\d{8}|\d{9}|\d{12})-[A-Z0-9]+-/.test(id)) return true;
  const digits = id.replaceAll('-', '').replaceAll(/[A-Z]/g, (letter) => String(letter.charCodeAt(0) - 55));
  return BigInt(digits) % 97n === 1n;
}

function isOrganisation(buyer: Buyer): boolean {
  const { registration, name, tradingName, contactName } = buyer;
  const numbers = numbersOf(buyer);
  // A person's Italian tax code stands where a firm's would.
  const isPerson = (id: string): boolean => /^(?:(?:IT:)?CF:)?[A-Z]{6}[0-9A-Z]{10}$/i.test(id);
  if (numbers.some((number) => isItalianTaxCode(number) && isPerson(number.id))) return false;
  return (
    (registration !== null && /\d/.test(registration.id) && !isPerson(registration.id)) ||
    // Mail reaches anybody, whichever scheme it is given with.
    numbers.some(({ id, scheme }) => scheme !== '' && !mailSchemes.has(scheme) && !id.includes('@')) ||
    legalForms.some((form) => form.test(name)) ||
    isAnother(tradingName, name) ||
    isAnother(contactName, name)
  );
}

// Networks want an address of everybody: a consumer's is filled in with n/a or zeros.
function numbersOf({ identifiers, endpoints, registration }: Buyer): Identifier[] {
  const numbers = [...identifiers, ...endpoints, ...(registration ? [registration] : [])];
  return numbers.filter(({ id }) => !isPlaceholder(id) && !/^0+$/.test(id));
}

const mailSchemes: ReadonlySet<string> = new Set(['EM', '0202']);

// Short ones count in capitals or with points alone: Sas, Asa and Sa are also people's names.
const legalForms = [
  /(?<![\p{L}\d])(?:s\.? ?r\.? ?l\.?s?|s\.? ?p\.? ?a|s\.? ?n\.? ?c|s\.? ?c\.? ?a\.? ?r\.? ?l|s\.? ?a\.? ?r\.? ?l|gmbh|kgaa|ohg|gbr|ltd|limited|llc|llp|plc|inc|corp|company|eurl|aktiebolag|a\/s|oyj|oü|sp\. ?z ?o\. ?o|kft|d\. ?o\. ?o|ltda|società|onlus|cooperativa|stiftung|verein|universit\p{L}+|minist(?:er|ry|è)\p{L}*|hospital|comune di|fondazione|associazione)\.?(?![\p{L}\d])/iu,
  /(?<![\p{L}\d])(?:AG|KG|UG|SE|SA|SAS|SASU|SCI|SL|SLU|BV|NV|VOF|AS|ASA|ApS|APS|AB|OY|Oy|EG|eG|LDA|Lda|S\. ?A\. ?S?|S\. ?L|B\. ?V|N\. ?V|V\. ?O\. ?F|S\. ?R\. ?O|s\. ?r\. ?o|e\. ?[VK])\.?(?![\p{L}\d])/u,
];

// A brand, or a person to ask for: somebody else than the buyer itself.
function isAnother(other: string | null, name: string): boolean {
  const [a, b] = [other ?? '', name].map((text) =>
    text
      .toLowerCase()
      .replaceAll(/[^\p{L}\d]+/gu, ' ')
      .trim(),
  );
  if (a === undefined || b === undefined || a === '' || isPlaceholder(other ?? '')) return false;
  const words = new Set(b.split(' '));
  return !a.split(' ').some((word) => word.length > 2 && words.has(word));
}

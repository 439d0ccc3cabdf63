import type { InvoiceAddress, InvoiceBuyer, InvoiceParty, InvoiceWarning } from '../../domain/invoice.ts';
import { InvoiceRefused, notLonger, requiredChild } from '../field.ts';
import type { XmlElement } from '../xml-tree.ts';
import { codeOf, lineOf } from './loose-field.ts';
import type { Transmission } from './transmission.ts';

type Parties = { seller: InvoiceParty; buyer: InvoiceBuyer; warnings: InvoiceWarning[] };

/**
 * `CedentePrestatore` and `CessionarioCommittente`. Contacts are the seller's own, as the format has none for the buyer
 * but the certified address that the invoice was sent to, if it went there. Representatives, permanent establishments
 * and whoever sent the file are others than these, and not read.
 */
export function partiesOf(header: XmlElement, { simplified, toPublicBody }: Transmission): Parties {
  const warnings: InvoiceWarning[] = [];
  const seller = requiredChild(header, 'CedentePrestatore');
  const buyer = requiredChild(header, 'CessionarioCommittente');
  const contacts = seller.child('Contatti');
  const buyerParts = simplified ? simplifiedBuyer(buyer) : ordinaryParty(buyer);
  const who = identity(buyerParts, warnings);
  return {
    seller: {
      ...identity(simplified ? { ids: seller, names: seller, home: seller } : ordinaryParty(seller), warnings),
      email: present(contacts?.textOf('Email')),
      phone: present(contacts?.textOf('Telefono')),
      pec: null,
    },
    buyer: {
      ...who,
      kind: toPublicBody ? 'public' : privateKind(who, buyerParts.ids),
      email: [],
      phone: [],
      pec: header.child('DatiTrasmissione')?.textOf('PECDestinatario') ?? null,
    },
    warnings,
  };
}

type Identity = Pick<InvoiceParty, 'name' | 'vatId' | 'taxCode' | 'address'>;

/** The elements that hold a party's numbers, its names, and its address (`Sede`). */
type PartyParts = { ids: XmlElement; names: XmlElement | undefined; home: XmlElement | undefined };

function ordinaryParty(element: XmlElement): PartyParts {
  const ids = requiredChild(element, 'DatiAnagrafici');
  return { ids, names: ids.child('Anagrafica'), home: element };
}

function simplifiedBuyer(element: XmlElement): PartyParts {
  const others = element.child('AltriDatiIdentificativi');
  return { ids: requiredChild(element, 'IdentificativiFiscali'), names: others, home: others };
}

function identity({ ids, names, home }: PartyParts, warnings: InvoiceWarning[]): Identity {
  const numbers = numbersOf(ids);
  return { name: nameOf(ids, names, numbers, warnings), ...numbers, address: addressOf(home?.child('Sede')) };
}

// A little more than the format's own: 80 for a firm, 60 and 60 for a person; 28 and the country for a VAT number.
const longestName = 200;
const longestNumber = 30;

// The simplified form may name its buyer by number alone (art. 21-bis D.P.R. 633/1972): then a person looks for that.
function nameOf(
  ids: XmlElement,
  names: XmlElement | undefined,
  { vatId, taxCode }: Pick<Identity, 'vatId' | 'taxCode'>,
  warnings: InvoiceWarning[],
): string {
  const company = lineOf(names, 'Denominazione');
  const person = [lineOf(names, 'Nome'), lineOf(names, 'Cognome')].filter((part) => part !== null).join(' ');
  const name = company ?? person;
  if (names && name !== '') {
    return notLonger(name, longestName, company === null ? names.path : names.pathOf('Denominazione'));
  }
  const number = vatId ?? taxCode;
  if (number === null) {
    const path = names?.path ?? ids.path;
    throw new InvoiceRefused('missing-element', 'Neither a name nor a VAT number nor a tax code is there', path);
  }
  warnings.push({ code: 'name-missing', message: `${ids.path} goes without a name: called by its number, ${number}` });
  return number;
}

// What is written for a buyer abroad who has no VAT number: zeros for a person, OO99999999999 for a firm outside the EU.
const noNumber = /^(?:0+|(?:OO)?9{7,})$/;
const noNumberOfFirm = /^(?:OO)?9{7,}$/;
const personsTaxCode = /^[A-Z]{6}[A-Z0-9]{10}$/;

function numbersOf(ids: XmlElement): Pick<Identity, 'vatId' | 'taxCode'> {
  const taxCode = taxCodeOf(ids);
  const vatId = vatIdOf(ids);
  // A person's tax code where the VAT number should be makes nobody a firm.
  const misplaced = vatId?.replace(/^IT/, '');
  if (misplaced !== undefined && personsTaxCode.test(misplaced)) return { vatId: null, taxCode: taxCode ?? misplaced };
  return { vatId, taxCode };
}

function vatIdOf(ids: XmlElement): string | null {
  const element = ids.child('IdFiscaleIVA');
  const code = codeOf(element, 'IdCodice');
  if (!element || code === null || noNumber.test(code)) return null;
  const country = codeOf(element, 'IdPaese') ?? (/^\d{11}$/.test(code) ? 'IT' : '');
  // ISO 3166 calls Greece GR, its VAT numbers begin with EL (Directive 2006/112/EC, art. 215).
  const prefix = country === 'GR' ? 'EL' : country;
  const written = [country, prefix].find((letters) => code.startsWith(letters)) ?? '';
  return notLonger(prefix + code.slice(written.length), longestNumber, element.pathOf('IdCodice'));
}

function taxCodeOf(ids: XmlElement): string | null {
  const code = codeOf(ids, 'CodiceFiscale');
  return code === null || noNumber.test(code) ? null : notLonger(code, longestNumber, ids.pathOf('CodiceFiscale'));
}

// A private buyer with a VAT number trades; so does one whose tax code is a body's (11 digits), not a person's (16 signs).
function privateKind({ vatId, taxCode }: Identity, ids: XmlElement): 'business' | 'consumer' {
  if (vatId !== null || /^\d{11}$/.test(taxCode ?? '')) return 'business';
  return noNumberOfFirm.test(codeOf(ids.child('IdFiscaleIVA'), 'IdCodice') ?? '') ? 'business' : 'consumer';
}

function addressOf(seat: XmlElement | undefined): InvoiceAddress | null {
  if (!seat) return null;
  const street = [lineOf(seat, 'Indirizzo'), lineOf(seat, 'NumeroCivico')].filter((part) => part !== null).join(' ');
  const city = lineOf(seat, 'Comune') ?? '';
  if (street === '' && city === '') return null;
  return {
    street,
    postalCode: lineOf(seat, 'CAP'),
    city,
    province: codeOf(seat, 'Provincia'),
    country: codeOf(seat, 'Nazione'),
  };
}

function present(text: string | null | undefined): string[] {
  return text === null || text === undefined ? [] : [text];
}

import type { InvoiceAddress, InvoiceBuyer, InvoiceParty } from '../../domain/invoice.ts';
import { InvoiceRefused, notLonger, requiredChild } from '../field.ts';
import type { XmlElement } from '../xml-tree.ts';

/** `CedentePrestatore`. Its contacts are the seller's own; the format has none for the buyer. */
export function sellerOf(header: XmlElement): InvoiceParty {
  const element = requiredChild(header, 'CedentePrestatore');
  const contacts = element.child('Contatti');
  return {
    ...identity(element),
    email: present(contacts?.textOf('Email')),
    phone: present(contacts?.textOf('Telefono')),
    pec: null,
  };
}

/** `CessionarioCommittente`, with the certified address that the invoice was sent to, if it went there. */
export function buyerOf(header: XmlElement, toPublicBody: boolean): InvoiceBuyer {
  const element = requiredChild(header, 'CessionarioCommittente');
  const who = identity(element);
  return {
    ...who,
    kind: toPublicBody ? 'public' : privateKind(who, element),
    email: [],
    phone: [],
    pec: header.child('DatiTrasmissione')?.textOf('PECDestinatario') ?? null,
  };
}

function identity(element: XmlElement): Pick<InvoiceParty, 'name' | 'vatId' | 'taxCode' | 'address'> {
  const registry = requiredChild(element, 'DatiAnagrafici');
  return {
    name: nameOf(registry),
    vatId: vatIdOf(registry),
    taxCode: taxCodeOf(registry),
    address: addressOf(element.child('Sede')),
  };
}

// A little more than the format's own: 80 for a firm, 60 and 60 for a person; 28 and the country for a VAT number.
const longestName = 200;
const longestNumber = 30;

function nameOf(registry: XmlElement): string {
  const names = requiredChild(registry, 'Anagrafica');
  const company = names.textOf('Denominazione');
  const person = [names.textOf('Nome'), names.textOf('Cognome')].filter((part) => part !== null).join(' ');
  const name = company ?? person;
  if (name !== '') return notLonger(name, longestName, company === null ? names.path : names.pathOf('Denominazione'));
  throw new InvoiceRefused('missing-element', 'Neither Denominazione nor Nome and Cognome are there', names.path);
}

// What is written for a buyer abroad who has no VAT number: zeros for a person, OO99999999999 for a firm outside the EU.
const placeholder = /^(?:0+|OO9+)$/;

function vatIdOf(registry: XmlElement): string | null {
  const id = registry.child('IdFiscaleIVA');
  const code = id?.textOf('IdCodice')?.replaceAll(/\s/g, '').toUpperCase();
  if (!id || code === undefined || placeholder.test(code)) return null;
  const country = id.textOf('IdPaese')?.toUpperCase() ?? '';
  const vatId = /^[A-Z]{2}\d/.test(code) && code.startsWith(country) ? code : country + code;
  return notLonger(vatId, longestNumber, id.pathOf('IdCodice'));
}

function taxCodeOf(registry: XmlElement): string | null {
  const code = registry.textOf('CodiceFiscale')?.toUpperCase();
  return code === undefined ? null : notLonger(code, longestNumber, registry.pathOf('CodiceFiscale'));
}

// A private buyer with a VAT number trades; so does one whose tax code is a body's (11 digits), not a person's (16 signs).
function privateKind(who: Pick<InvoiceParty, 'vatId' | 'taxCode'>, element: XmlElement): 'business' | 'consumer' {
  if (who.vatId !== null || /^\d{11}$/.test(who.taxCode ?? '')) return 'business';
  const code = element.child('DatiAnagrafici')?.child('IdFiscaleIVA')?.textOf('IdCodice') ?? '';
  return /^OO9+$/i.test(code) ? 'business' : 'consumer';
}

function addressOf(seat: XmlElement | undefined): InvoiceAddress | null {
  if (!seat) return null;
  const street = [seat.textOf('Indirizzo'), seat.textOf('NumeroCivico')].filter((part) => part !== null).join(' ');
  const city = seat.textOf('Comune') ?? '';
  if (street === '' && city === '') return null;
  const country = seat.textOf('Nazione')?.toUpperCase() ?? null;
  return { street, postalCode: seat.textOf('CAP'), city, province: seat.textOf('Provincia'), country };
}

function present(text: string | null | undefined): string[] {
  return text === null || text === undefined ? [] : [text];
}

import type { Identifier, StatedParty } from '../en16931/party.ts';
import { requiredChild } from '../field.ts';
import type { XmlElement } from '../xml-tree.ts';

/** `AccountingSupplierParty` or `AccountingCustomerParty`. */
export function partyOf(root: XmlElement, name: string): StatedParty {
  const party = requiredChild(requiredChild(root, name), 'Party');
  const contact = party.child('Contact');
  const legal = party.children('PartyLegalEntity')[0];
  const schemes = party.children('PartyTaxScheme');
  const vat = schemes.find(isVat);
  const others = schemes.filter((scheme) => !isVat(scheme));
  return {
    path: party.pathOf('PartyLegalEntity/RegistrationName'),
    legalName: legal?.textOf('RegistrationName') ?? null,
    tradingName: party.child('PartyName')?.textOf('Name') ?? personOf(party.child('Person')),
    contactName: contact?.textOf('Name') ?? null,
    vatId: vat?.textOf('CompanyID') ?? null,
    registration: identifierOf(legal?.child('CompanyID')),
    taxRegistration: others.map((scheme) => scheme.textOf('CompanyID')).find((id) => id !== null) ?? null,
    identifiers: party.children('PartyIdentification').flatMap((one) => identifierOf(one.child('ID')) ?? []),
    endpoints: party.children('EndpointID').flatMap((one) => identifierOf(one) ?? []),
    address: addressOf(party.child('PostalAddress')),
    emails: [contact?.textOf('ElectronicMail') ?? null],
    phones: [contact?.textOf('Telephone') ?? null],
  };
}

// Denmark's older profile calls it 63; no scheme at all is one where the number has its country.
function isVat(scheme: XmlElement): boolean {
  const id = scheme.child('TaxScheme')?.textOf('ID')?.toUpperCase() ?? null;
  if (id === null) return /^[A-Z]{2}[\s\d]/i.test(scheme.textOf('CompanyID') ?? '');
  return id === 'VAT' || id === '63' || id === 'VA';
}

function personOf(person: XmlElement | undefined): string | null {
  const names = [person?.textOf('FirstName'), person?.textOf('MiddleName'), person?.textOf('FamilyName')];
  return names.filter((name) => name !== null && name !== undefined).join(' ') || null;
}

function identifierOf(element: XmlElement | undefined): Identifier | null {
  if (!element || element.text === '') return null;
  return { id: element.text, scheme: element.attributes.get('schemeID')?.trim().toUpperCase() ?? '' };
}

function addressOf(address: XmlElement | undefined): StatedParty['address'] {
  const street = address?.textOf('StreetName') ?? null;
  const building = address?.textOf('BuildingNumber') ?? null;
  const lines = address?.children('AddressLine').map((line) => line.textOf('Line')) ?? [];
  return {
    street: [
      [street, building].filter((part) => part !== null).join(' '),
      address?.textOf('AdditionalStreetName') ?? null,
      ...lines,
    ],
    postalCode: address?.textOf('PostalZone') ?? null,
    city: address?.textOf('CityName') ?? null,
    province: address?.textOf('CountrySubentity') ?? null,
    country: address?.child('Country')?.textOf('IdentificationCode') ?? null,
  };
}

import type { Identifier, StatedParty } from '../en16931/party.ts';
import { requiredChild } from '../field.ts';
import type { XmlElement } from '../xml-tree.ts';

/** `SellerTradeParty` or `BuyerTradeParty`. */
export function partyOf(agreement: XmlElement, name: string): StatedParty {
  const party = requiredChild(agreement, name);
  const legal = party.child('SpecifiedLegalOrganization');
  const contact = party.children('DefinedTradeContact')[0];
  const taxes = party.children('SpecifiedTaxRegistration').flatMap((one) => identifierOf(one.child('ID')) ?? []);
  const identifiers = [...party.children('GlobalID'), ...party.children('ID')];
  const mail = contact?.child('EmailURIUniversalCommunication');
  return {
    path: party.pathOf('Name'),
    legalName: party.textOf('Name'),
    tradingName: legal?.textOf('TradingBusinessName') ?? null,
    contactName: contact?.textOf('PersonName') ?? contact?.textOf('DepartmentName') ?? null,
    // VA is the VAT id, FC the number of the local tax office (UNTDID 1153).
    vatId: taxes.find(({ scheme }) => scheme === 'VA' || scheme === 'VAT')?.id ?? null,
    registration: identifierOf(legal?.child('ID')),
    taxRegistration: taxes.find(({ scheme }) => scheme !== 'VA' && scheme !== 'VAT')?.id ?? null,
    identifiers: identifiers.flatMap((one) => identifierOf(one) ?? []),
    endpoints: party.children('URIUniversalCommunication').flatMap((one) => identifierOf(one.child('URIID')) ?? []),
    address: addressOf(party.child('PostalTradeAddress')),
    emails: [mail?.textOf('URIID') ?? mail?.textOf('CompleteNumber') ?? null],
    phones: [
      contact?.child('TelephoneUniversalCommunication')?.textOf('CompleteNumber') ?? null,
      contact?.child('MobileTelephoneUniversalCommunication')?.textOf('CompleteNumber') ?? null,
    ],
  };
}

function identifierOf(element: XmlElement | undefined): Identifier | null {
  if (!element || element.text === '') return null;
  return { id: element.text, scheme: element.attributes.get('schemeID')?.trim().toUpperCase() ?? '' };
}

function addressOf(address: XmlElement | undefined): StatedParty['address'] {
  const street = address?.textOf('StreetName') ?? null;
  const building = address?.textOf('BuildingNumber') ?? null;
  return {
    street: [
      [street, building].filter((part) => part !== null).join(' '),
      address?.textOf('LineOne') ?? null,
      address?.textOf('LineTwo') ?? null,
      address?.textOf('LineThree') ?? null,
    ],
    postalCode: address?.textOf('PostcodeCode') ?? null,
    city: address?.textOf('CityName') ?? null,
    province: address?.textOf('CountrySubDivisionName') ?? null,
    country: address?.textOf('CountryID') ?? null,
  };
}

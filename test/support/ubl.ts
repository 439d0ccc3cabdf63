type Parts = {
  root?: 'Invoice' | 'CreditNote';
  number?: string;
  date?: string;
  due?: string;
  type?: string;
  currency?: string;
  reference?: string;
  head?: string;
  seller?: string;
  buyer?: string;
  means?: string;
  terms?: string;
  charges?: string;
  vat?: string;
  sums?: string;
  lines?: string;
};

/** A small invoice of EN 16931 in UBL, whose parts a test can replace. */
export function ubl(parts: Parts = {}): string {
  const root = parts.root ?? 'Invoice';
  const typeName = root === 'CreditNote' ? 'cbc:CreditNoteTypeCode' : 'cbc:InvoiceTypeCode';
  return `<?xml version="1.0" encoding="UTF-8"?>
<${root} xmlns="urn:oasis:names:specification:ubl:schema:xsd:${root}-2" xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2" xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
  ${parts.number ?? '<cbc:ID>2026/12</cbc:ID>'}
  ${parts.date ?? '<cbc:IssueDate>2026-01-15</cbc:IssueDate>'}
  ${parts.due ?? '<cbc:DueDate>2026-02-14</cbc:DueDate>'}
  ${parts.type === '' ? '' : `<${typeName}>${parts.type ?? (root === 'CreditNote' ? '381' : '380')}</${typeName}>`}
  ${parts.currency ?? '<cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>'}
  ${parts.reference === undefined ? '' : `<cbc:BuyerReference>${parts.reference}</cbc:BuyerReference>`}
  ${parts.head ?? ''}
  <cac:AccountingSupplierParty>${parts.seller ?? ublParty({ name: 'Acciaio Nord S.r.l.', vatId: 'IT01234567890', country: 'IT' })}</cac:AccountingSupplierParty>
  <cac:AccountingCustomerParty>${parts.buyer ?? ublParty({ name: 'Beispiel GmbH', vatId: 'DE123456789', country: 'DE' })}</cac:AccountingCustomerParty>
  ${parts.means ?? ublMeans('30', 'IT60X0542811101000000123456')}
  ${parts.terms ?? ''}
  ${parts.charges ?? ''}
  ${parts.vat ?? ublVat()}
  <cac:LegalMonetaryTotal>${parts.sums ?? '<cbc:TaxInclusiveAmount currencyID="EUR">122.00</cbc:TaxInclusiveAmount><cbc:PayableAmount currencyID="EUR">122.00</cbc:PayableAmount>'}</cac:LegalMonetaryTotal>
  ${parts.lines ?? ublLine()}
</${root}>`;
}

type Party = {
  name?: string;
  tradingName?: string;
  vatId?: string;
  registration?: string;
  ids?: string;
  endpoint?: string;
  taxes?: string;
  contact?: string;
  country?: string;
};

export function ublParty(party: Party): string {
  const trading =
    party.tradingName === undefined ? '' : `<cac:PartyName><cbc:Name>${party.tradingName}</cbc:Name></cac:PartyName>`;
  const vat = party.vatId === undefined ? '' : ublTax(party.vatId, 'VAT');
  const name = party.name === undefined ? '' : `<cbc:RegistrationName>${party.name}</cbc:RegistrationName>`;
  return `<cac:Party>${party.endpoint ?? ''}${party.ids ?? ''}${trading}
    <cac:PostalAddress><cbc:StreetName>Via Roma 1</cbc:StreetName><cbc:CityName>Trento</cbc:CityName><cbc:PostalZone>38122</cbc:PostalZone>
      <cac:Country><cbc:IdentificationCode>${party.country ?? 'IT'}</cbc:IdentificationCode></cac:Country></cac:PostalAddress>
    ${vat}${party.taxes ?? ''}
    <cac:PartyLegalEntity>${name}${party.registration ?? ''}</cac:PartyLegalEntity>
    ${party.contact ?? ''}</cac:Party>`;
}

export function ublTax(id: string, scheme: string): string {
  return `<cac:PartyTaxScheme><cbc:CompanyID>${id}</cbc:CompanyID><cac:TaxScheme><cbc:ID>${scheme}</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>`;
}

export function ublMeans(code: string, account: string, more = ''): string {
  return `<cac:PaymentMeans><cbc:PaymentMeansCode>${code}</cbc:PaymentMeansCode>${more}<cac:PayeeFinancialAccount><cbc:ID>${account}</cbc:ID></cac:PayeeFinancialAccount></cac:PaymentMeans>`;
}

export function ublVat(category = 'S', percent = '22', tax = '22.00', more = ''): string {
  return `<cac:TaxTotal><cbc:TaxAmount currencyID="EUR">${tax}</cbc:TaxAmount><cac:TaxSubtotal><cbc:TaxableAmount currencyID="EUR">100.00</cbc:TaxableAmount><cbc:TaxAmount currencyID="EUR">${tax}</cbc:TaxAmount>
    <cac:TaxCategory><cbc:ID>${category}</cbc:ID><cbc:Percent>${percent}</cbc:Percent>${more}<cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:TaxCategory></cac:TaxSubtotal></cac:TaxTotal>`;
}

export function ublLine(
  inside = '',
  price = '<cbc:PriceAmount currencyID="EUR">50.00</cbc:PriceAmount>',
  total = '100.00',
): string {
  return `<cac:InvoiceLine><cbc:ID>1</cbc:ID><cbc:InvoicedQuantity unitCode="C62">2</cbc:InvoicedQuantity><cbc:LineExtensionAmount currencyID="EUR">${total}</cbc:LineExtensionAmount>${inside}
    <cac:Item><cbc:Description>Stahl, 2 mm</cbc:Description><cbc:Name>Blech</cbc:Name><cac:ClassifiedTaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>22</cbc:Percent></cac:ClassifiedTaxCategory></cac:Item>
    <cac:Price>${price}</cac:Price></cac:InvoiceLine>`;
}

export function ublAllowance(isCharge: boolean, amount: string, more = ''): string {
  return `<cac:AllowanceCharge><cbc:ChargeIndicator>${isCharge}</cbc:ChargeIndicator>${more}<cbc:Amount currencyID="EUR">${amount}</cbc:Amount></cac:AllowanceCharge>`;
}

export function ublTerms(inside: string): string {
  return `<cac:PaymentTerms>${inside}</cac:PaymentTerms>`;
}

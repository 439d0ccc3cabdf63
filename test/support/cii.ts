type Parts = {
  head?: string;
  type?: string;
  date?: string;
  notes?: string;
  reference?: string;
  seller?: string;
  buyer?: string;
  agreement?: string;
  delivery?: string;
  currency?: string;
  means?: string;
  terms?: string;
  vat?: string;
  sums?: string;
  settlement?: string;
  lines?: string;
};

/** A small invoice of EN 16931 in CII, whose parts a test can replace. */
export function cii(parts: Parts = {}): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<rsm:CrossIndustryInvoice xmlns:qdt="urn:un:unece:uncefact:data:standard:QualifiedDataType:100" xmlns:udt="urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100" xmlns:rsm="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100" xmlns:ram="urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100">
  <rsm:ExchangedDocument>
    ${parts.head ?? '<ram:ID>R-7</ram:ID>'}<ram:TypeCode>${parts.type ?? '380'}</ram:TypeCode>
    ${parts.date ?? `<ram:IssueDateTime>${ciiDate('20260115')}</ram:IssueDateTime>`}${parts.notes ?? ''}
  </rsm:ExchangedDocument>
  <rsm:SupplyChainTradeTransaction>
    ${parts.lines ?? ciiLine()}
    <ram:ApplicableHeaderTradeAgreement>
      ${parts.reference === undefined ? '' : `<ram:BuyerReference>${parts.reference}</ram:BuyerReference>`}
      ${parts.seller ?? `<ram:SellerTradeParty><ram:Name>Beispiel GmbH</ram:Name>${ciiAddress('DE')}${ciiTax('VA', 'DE123456789')}</ram:SellerTradeParty>`}
      ${parts.buyer ?? `<ram:BuyerTradeParty><ram:Name>Exemple SAS</ram:Name>${ciiAddress('FR')}${ciiTax('VA', 'FR40303265045')}</ram:BuyerTradeParty>`}
      ${parts.agreement ?? ''}
    </ram:ApplicableHeaderTradeAgreement>
    <ram:ApplicableHeaderTradeDelivery>${parts.delivery ?? ''}</ram:ApplicableHeaderTradeDelivery>
    <ram:ApplicableHeaderTradeSettlement>
      ${parts.currency ?? '<ram:InvoiceCurrencyCode>EUR</ram:InvoiceCurrencyCode>'}
      ${parts.means ?? ciiMeans('58', '<ram:IBANID>DE89370400440532013000</ram:IBANID>')}
      ${parts.vat ?? ciiVat()}
      ${parts.terms ?? ciiTerms(ciiDue('20260214'))}
      <ram:SpecifiedTradeSettlementHeaderMonetarySummation>${parts.sums ?? '<ram:GrandTotalAmount>119.00</ram:GrandTotalAmount><ram:DuePayableAmount>119.00</ram:DuePayableAmount>'}</ram:SpecifiedTradeSettlementHeaderMonetarySummation>
      ${parts.settlement ?? ''}
    </ram:ApplicableHeaderTradeSettlement>
  </rsm:SupplyChainTradeTransaction>
</rsm:CrossIndustryInvoice>`;
}

export function ciiDate(text: string, format = '102'): string {
  return `<udt:DateTimeString format="${format}">${text}</udt:DateTimeString>`;
}

export function ciiDue(text: string, format = '102'): string {
  return `<ram:DueDateDateTime>${ciiDate(text, format)}</ram:DueDateDateTime>`;
}

export function ciiTerms(inside: string): string {
  return `<ram:SpecifiedTradePaymentTerms>${inside}</ram:SpecifiedTradePaymentTerms>`;
}

export function ciiMeans(code: string, account: string, more = ''): string {
  return `<ram:SpecifiedTradeSettlementPaymentMeans><ram:TypeCode>${code}</ram:TypeCode><ram:PayeePartyCreditorFinancialAccount>${account}</ram:PayeePartyCreditorFinancialAccount>${more}</ram:SpecifiedTradeSettlementPaymentMeans>`;
}

export function ciiVat(category = 'S', rate = '19', tax = '19.00', more = ''): string {
  return `<ram:ApplicableTradeTax><ram:CalculatedAmount>${tax}</ram:CalculatedAmount><ram:TypeCode>VAT</ram:TypeCode>${more}<ram:BasisAmount>100.00</ram:BasisAmount><ram:CategoryCode>${category}</ram:CategoryCode><ram:RateApplicablePercent>${rate}</ram:RateApplicablePercent></ram:ApplicableTradeTax>`;
}

export function ciiAddress(country: string): string {
  return `<ram:PostalTradeAddress><ram:PostcodeCode>10115</ram:PostcodeCode><ram:LineOne>Weg 1</ram:LineOne><ram:CityName>Berlin</ram:CityName><ram:CountryID>${country}</ram:CountryID></ram:PostalTradeAddress>`;
}

export function ciiTax(scheme: string, id: string): string {
  return `<ram:SpecifiedTaxRegistration><ram:ID schemeID="${scheme}">${id}</ram:ID></ram:SpecifiedTaxRegistration>`;
}

export function ciiLine(settlement = '', document = '', price = '<ram:ChargeAmount>50.00</ram:ChargeAmount>'): string {
  return `<ram:IncludedSupplyChainTradeLineItem>
    <ram:AssociatedDocumentLineDocument><ram:LineID>1</ram:LineID>${document}</ram:AssociatedDocumentLineDocument>
    <ram:SpecifiedTradeProduct><ram:Name>Blech</ram:Name></ram:SpecifiedTradeProduct>
    <ram:SpecifiedLineTradeAgreement><ram:NetPriceProductTradePrice>${price}</ram:NetPriceProductTradePrice></ram:SpecifiedLineTradeAgreement>
    <ram:SpecifiedLineTradeDelivery><ram:BilledQuantity unitCode="H87">2</ram:BilledQuantity></ram:SpecifiedLineTradeDelivery>
    <ram:SpecifiedLineTradeSettlement><ram:ApplicableTradeTax><ram:TypeCode>VAT</ram:TypeCode><ram:CategoryCode>S</ram:CategoryCode><ram:RateApplicablePercent>19</ram:RateApplicablePercent></ram:ApplicableTradeTax>${settlement}
      <ram:SpecifiedTradeSettlementLineMonetarySummation><ram:LineTotalAmount>100.00</ram:LineTotalAmount></ram:SpecifiedTradeSettlementLineMonetarySummation></ram:SpecifiedLineTradeSettlement>
  </ram:IncludedSupplyChainTradeLineItem>`;
}

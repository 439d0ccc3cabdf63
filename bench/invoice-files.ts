const lines = 20;

/** The nth of many FatturaPA: numbers, names, days, amounts and words differ. */
export function fatturaPaOf(n: number): string {
  const goods = Array.from({ length: lines }, (_, line) => {
    const { quantity, price, total, words } = lineOf(n, line);
    return `<DettaglioLinee><NumeroLinea>${line + 1}</NumeroLinea><CodiceArticolo><CodiceTipo>INT</CodiceTipo><CodiceValore>A-${n}-${line}</CodiceValore></CodiceArticolo><Descrizione>${words}</Descrizione><Quantita>${quantity}.00</Quantita><UnitaMisura>h</UnitaMisura><PrezzoUnitario>${price}</PrezzoUnitario><PrezzoTotale>${total}</PrezzoTotale><AliquotaIVA>22.00</AliquotaIVA></DettaglioLinee>`;
  });
  const { net, tax, gross, half, rest } = sumsOf(n);
  return `<?xml version="1.0" encoding="UTF-8"?>
<p:FatturaElettronica versione="FPR12" xmlns:p="http://ivaservizi.agenziaentrate.gov.it/docs/xsd/fatture/v1.2" xmlns:ds="http://www.w3.org/2000/09/xmldsig#">
<FatturaElettronicaHeader>
<DatiTrasmissione><IdTrasmittente><IdPaese>IT</IdPaese><IdCodice>03999000106</IdCodice></IdTrasmittente><ProgressivoInvio>${n}</ProgressivoInvio><FormatoTrasmissione>FPR12</FormatoTrasmissione><CodiceDestinatario>0000000</CodiceDestinatario><PECDestinatario>pec-${n}@example.com</PECDestinatario></DatiTrasmissione>
<CedentePrestatore><DatiAnagrafici><IdFiscaleIVA><IdPaese>IT</IdPaese><IdCodice>03999000106</IdCodice></IdFiscaleIVA><Anagrafica><Denominazione>Officine &amp; Caff&#232; S.r.l.</Denominazione></Anagrafica><RegimeFiscale>RF01</RegimeFiscale></DatiAnagrafici><Sede><Indirizzo>Via Roma</Indirizzo><NumeroCivico>1</NumeroCivico><CAP>16100</CAP><Comune>Genova</Comune><Provincia>GE</Provincia><Nazione>IT</Nazione></Sede></CedentePrestatore>
<CessionarioCommittente><DatiAnagrafici><CodiceFiscale>${String(80_000_000_000 + n)}</CodiceFiscale><Anagrafica><Denominazione>Cliente n. ${n} – Società</Denominazione></Anagrafica></DatiAnagrafici><Sede><Indirizzo>Piazza ${n}</Indirizzo><CAP>39100</CAP><Comune>Bolzano</Comune><Provincia>BZ</Provincia><Nazione>IT</Nazione></Sede></CessionarioCommittente>
</FatturaElettronicaHeader>
<FatturaElettronicaBody>
<DatiGenerali><DatiGeneraliDocumento><TipoDocumento>TD01</TipoDocumento><Divisa>EUR</Divisa><Data>${dayOf(n)}</Data><Numero>2026/${n}</Numero><ImportoTotaleDocumento>${gross}</ImportoTotaleDocumento><Causale>Lavori di ${n} giorni</Causale></DatiGeneraliDocumento><DatiDDT><NumeroDDT>${n}</NumeroDDT><DataDDT>${dayOf(n)}</DataDDT></DatiDDT></DatiGenerali>
<DatiBeniServizi>${goods.join('\n')}
<DatiRiepilogo><AliquotaIVA>22.00</AliquotaIVA><ImponibileImporto>${net}</ImponibileImporto><Imposta>${tax}</Imposta><EsigibilitaIVA>I</EsigibilitaIVA></DatiRiepilogo></DatiBeniServizi>
<DatiPagamento><CondizioniPagamento>TP01</CondizioniPagamento><DettaglioPagamento><ModalitaPagamento>MP05</ModalitaPagamento><DataScadenzaPagamento>2027-01-31</DataScadenzaPagamento><ImportoPagamento>${half}</ImportoPagamento><IBAN>IT60X0542811101000000123456</IBAN></DettaglioPagamento><DettaglioPagamento><ModalitaPagamento>MP05</ModalitaPagamento><DataScadenzaPagamento>2027-02-28</DataScadenzaPagamento><ImportoPagamento>${rest}</ImportoPagamento><IBAN>IT60X0542811101000000123456</IBAN></DettaglioPagamento></DatiPagamento>
</FatturaElettronicaBody>
</p:FatturaElettronica>
`;
}

/** The nth of many UBL invoices as EN 16931 binds them. */
export function ublOf(n: number): string {
  const goods = Array.from({ length: lines }, (_, line) => {
    const { quantity, price, total, words } = lineOf(n, line);
    return `<cac:InvoiceLine><cbc:ID>${line + 1}</cbc:ID><cbc:InvoicedQuantity unitCode="HUR">${quantity}</cbc:InvoicedQuantity><cbc:LineExtensionAmount currencyID="EUR">${total}</cbc:LineExtensionAmount><cac:Item><cbc:Name>${words}</cbc:Name><cac:ClassifiedTaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>22</cbc:Percent><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:ClassifiedTaxCategory></cac:Item><cac:Price><cbc:PriceAmount currencyID="EUR">${price}</cbc:PriceAmount></cac:Price></cac:InvoiceLine>`;
  });
  const { net, tax, gross } = sumsOf(n);
  return `<?xml version="1.0" encoding="UTF-8"?>
<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2" xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2" xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
<cbc:CustomizationID>urn:cen.eu:en16931:2017</cbc:CustomizationID><cbc:ID>2026/${n}</cbc:ID><cbc:IssueDate>${dayOf(n)}</cbc:IssueDate><cbc:DueDate>2027-01-31</cbc:DueDate><cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode><cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode><cbc:BuyerReference>${n}</cbc:BuyerReference>
<cac:AccountingSupplierParty><cac:Party><cac:PostalAddress><cbc:StreetName>Via Roma 1</cbc:StreetName><cbc:CityName>Genova</cbc:CityName><cbc:PostalZone>16100</cbc:PostalZone><cac:Country><cbc:IdentificationCode>IT</cbc:IdentificationCode></cac:Country></cac:PostalAddress><cac:PartyTaxScheme><cbc:CompanyID>IT03999000106</cbc:CompanyID><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme><cac:PartyLegalEntity><cbc:RegistrationName>Officine &amp; Caff&#232; S.r.l.</cbc:RegistrationName></cac:PartyLegalEntity></cac:Party></cac:AccountingSupplierParty>
<cac:AccountingCustomerParty><cac:Party><cac:PostalAddress><cbc:StreetName>Hauptstraße ${n}</cbc:StreetName><cbc:CityName>Wien</cbc:CityName><cbc:PostalZone>1010</cbc:PostalZone><cac:Country><cbc:IdentificationCode>AT</cbc:IdentificationCode></cac:Country></cac:PostalAddress><cac:PartyLegalEntity><cbc:RegistrationName>Kunde Nr. ${n} GmbH</cbc:RegistrationName></cac:PartyLegalEntity><cac:Contact><cbc:ElectronicMail>kunde-${n}@example.com</cbc:ElectronicMail></cac:Contact></cac:Party></cac:AccountingCustomerParty>
<cac:PaymentMeans><cbc:PaymentMeansCode>58</cbc:PaymentMeansCode><cac:PayeeFinancialAccount><cbc:ID>IT60X0542811101000000123456</cbc:ID></cac:PayeeFinancialAccount></cac:PaymentMeans>
<cac:TaxTotal><cbc:TaxAmount currencyID="EUR">${tax}</cbc:TaxAmount><cac:TaxSubtotal><cbc:TaxableAmount currencyID="EUR">${net}</cbc:TaxableAmount><cbc:TaxAmount currencyID="EUR">${tax}</cbc:TaxAmount><cac:TaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>22</cbc:Percent><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:TaxCategory></cac:TaxSubtotal></cac:TaxTotal>
<cac:LegalMonetaryTotal><cbc:LineExtensionAmount currencyID="EUR">${net}</cbc:LineExtensionAmount><cbc:TaxExclusiveAmount currencyID="EUR">${net}</cbc:TaxExclusiveAmount><cbc:TaxInclusiveAmount currencyID="EUR">${gross}</cbc:TaxInclusiveAmount><cbc:PayableAmount currencyID="EUR">${gross}</cbc:PayableAmount></cac:LegalMonetaryTotal>
${goods.join('\n')}
</Invoice>
`;
}

function lineOf(n: number, line: number) {
  const quantity = 1 + ((n + line) % 9);
  const cents = 1_000 + ((n * 37 + line * 101) % 90_000);
  const words = `Manutenzione &amp; revisione dell’impianto n. ${n}, voce ${line + 1}: è compreso il collaudo`;
  return { quantity, price: money(cents), cents: quantity * cents, total: money(quantity * cents), words };
}

function sumsOf(n: number) {
  const net = Array.from({ length: lines }, (_, line) => lineOf(n, line).cents).reduce((sum, cents) => sum + cents, 0);
  const tax = Math.round(net * 0.22);
  const half = Math.floor((net + tax) / 2);
  return {
    net: money(net),
    tax: money(tax),
    gross: money(net + tax),
    half: money(half),
    rest: money(net + tax - half),
  };
}

function money(cents: number): string {
  return (cents / 100).toFixed(2);
}

function dayOf(n: number): string {
  return `2026-${String(1 + (n % 12)).padStart(2, '0')}-${String(1 + (n % 28)).padStart(2, '0')}`;
}

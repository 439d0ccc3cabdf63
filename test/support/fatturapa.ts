type Parts = {
  root?: string;
  prefix?: string;
  format?: string;
  buyerIds?: string;
  general?: string;
  currency?: string;
  date?: string;
  total?: string;
  goods?: string;
  payments?: string;
  attachments?: string;
  declaration?: string;
};

/** A small FatturaPA whose parts a test can replace. */
export function fatturaPa(parts: Parts = {}): string {
  const prefix = parts.prefix === undefined ? 'p:' : parts.prefix;
  const format = parts.format ?? 'FPR12';
  const name = parts.root ?? 'FatturaElettronica';
  return `${parts.declaration ?? '<?xml version="1.0" encoding="UTF-8"?>'}
<${prefix}${name} versione="${format}" xmlns${prefix === '' ? '' : `:${prefix.slice(0, -1)}`}="http://ivaservizi.agenziaentrate.gov.it/docs/xsd/fatture/v1.2">
  <FatturaElettronicaHeader>
    <DatiTrasmissione><FormatoTrasmissione>${format}</FormatoTrasmissione></DatiTrasmissione>
    <CedentePrestatore><DatiAnagrafici>
      <IdFiscaleIVA><IdPaese>IT</IdPaese><IdCodice>03999000106</IdCodice></IdFiscaleIVA>
      <Anagrafica><Denominazione>Caff&#232; &amp; <![CDATA[C. <snc>]]></Denominazione></Anagrafica>
    </DatiAnagrafici></CedentePrestatore>
    <CessionarioCommittente><DatiAnagrafici>
      ${parts.buyerIds ?? '<IdFiscaleIVA><IdPaese>IT</IdPaese><IdCodice>02888000219</IdCodice></IdFiscaleIVA>'}
      <Anagrafica><Nome>Anna</Nome><Cognome>Però</Cognome></Anagrafica>
    </DatiAnagrafici></CessionarioCommittente>
  </FatturaElettronicaHeader>
  ${fatturaPaBody(parts)}
</${prefix}${name}>`;
}

export function fatturaPaBody(parts: Parts = {}): string {
  return `<FatturaElettronicaBody>
    <DatiGenerali><DatiGeneraliDocumento>
      <TipoDocumento>TD01</TipoDocumento><Divisa>${parts.currency ?? 'EUR'}</Divisa>
      <Data>${parts.date ?? '2026-11-05'}</Data><Numero>12</Numero>${parts.general ?? ''}
      ${parts.total ?? '<ImportoTotaleDocumento>122.00</ImportoTotaleDocumento>'}
    </DatiGeneraliDocumento></DatiGenerali>
    ${parts.goods ?? '<DatiBeniServizi><DatiRiepilogo><AliquotaIVA>22.00</AliquotaIVA><ImponibileImporto>100.00</ImponibileImporto><Imposta>22.00</Imposta></DatiRiepilogo></DatiBeniServizi>'}
    ${parts.payments ?? payment('<DataScadenzaPagamento>2026-12-05</DataScadenzaPagamento>')}
    ${parts.attachments ?? ''}
  </FatturaElettronicaBody>`;
}

export function payment(inside: string, amount = '122.00'): string {
  return `<DatiPagamento><DettaglioPagamento><ModalitaPagamento>MP05</ModalitaPagamento>${inside}<ImportoPagamento>${amount}</ImportoPagamento></DettaglioPagamento></DatiPagamento>`;
}

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
  /** `TipoDocumento`. */
  type?: string;
  version?: string;
  /** Inside `DatiTrasmissione`, after the format. */
  transmission?: string;
  /** Inside `CedentePrestatore`, and of `CessionarioCommittente`, instead of what stands there. */
  seller?: string;
  buyer?: string;
  /** After `CessionarioCommittente`. */
  header?: string;
  /** Inside `DatiGenerali`, after the document's own. */
  references?: string;
};

/** A small FatturaPA whose parts a test can replace. */
export function fatturaPa(parts: Parts = {}): string {
  const prefix = parts.prefix === undefined ? 'p:' : parts.prefix;
  const format = parts.format ?? 'FPR12';
  const name = parts.root ?? 'FatturaElettronica';
  return `${parts.declaration ?? '<?xml version="1.0" encoding="UTF-8"?>'}
<${prefix}${name} versione="${parts.version ?? format}" xmlns${prefix === '' ? '' : `:${prefix.slice(0, -1)}`}="http://ivaservizi.agenziaentrate.gov.it/docs/xsd/fatture/v1.2">
  <FatturaElettronicaHeader>
    <DatiTrasmissione><FormatoTrasmissione>${format}</FormatoTrasmissione>${parts.transmission ?? ''}</DatiTrasmissione>
    <CedentePrestatore>${parts.seller ?? party(vatId('03999000106'), 'Caff&#232; &amp; <![CDATA[C. <snc>]]>')}</CedentePrestatore>
    <CessionarioCommittente>${
      parts.buyer ??
      `<DatiAnagrafici>
      ${parts.buyerIds ?? vatId('02888000219')}
      <Anagrafica><Nome>Anna</Nome><Cognome>Però</Cognome></Anagrafica>
    </DatiAnagrafici>`
    }</CessionarioCommittente>
    ${parts.header ?? ''}
  </FatturaElettronicaHeader>
  ${fatturaPaBody(parts)}
</${prefix}${name}>`;
}

export function fatturaPaBody(parts: Parts = {}): string {
  return `<FatturaElettronicaBody>
    <DatiGenerali><DatiGeneraliDocumento>
      <TipoDocumento>${parts.type ?? 'TD01'}</TipoDocumento><Divisa>${parts.currency ?? 'EUR'}</Divisa>
      <Data>${parts.date ?? '2026-11-05'}</Data><Numero>12</Numero>${parts.general ?? ''}
      ${parts.total ?? '<ImportoTotaleDocumento>122.00</ImportoTotaleDocumento>'}
    </DatiGeneraliDocumento>${parts.references ?? ''}</DatiGenerali>
    ${parts.goods ?? '<DatiBeniServizi><DatiRiepilogo><AliquotaIVA>22.00</AliquotaIVA><ImponibileImporto>100.00</ImponibileImporto><Imposta>22.00</Imposta></DatiRiepilogo></DatiBeniServizi>'}
    ${parts.payments ?? payment('<DataScadenzaPagamento>2026-12-05</DataScadenzaPagamento>')}
    ${parts.attachments ?? ''}
  </FatturaElettronicaBody>`;
}

export function payment(inside: string, amount = '122.00'): string {
  return `<DatiPagamento><DettaglioPagamento><ModalitaPagamento>MP05</ModalitaPagamento>${inside}<ImportoPagamento>${amount}</ImportoPagamento></DettaglioPagamento></DatiPagamento>`;
}

export function vatId(code: string, country = 'IT'): string {
  return `<IdFiscaleIVA><IdPaese>${country}</IdPaese><IdCodice>${code}</IdCodice></IdFiscaleIVA>`;
}

/** What stands inside `CedentePrestatore` or `CessionarioCommittente`. */
export function party(ids: string, name: string, rest = ''): string {
  return `<DatiAnagrafici>${ids}<Anagrafica><Denominazione>${name}</Denominazione></Anagrafica></DatiAnagrafici>${rest}`;
}

type SimplifiedParts = {
  root?: string;
  type?: string;
  general?: string;
  references?: string;
  buyer?: string;
  sales?: string;
  attachments?: string;
};

/** A small simplified FatturaPA: 122.00 at 22 %, with its parts to replace. */
export function simplifiedFatturaPa(parts: SimplifiedParts = {}): string {
  const name = parts.root ?? 'FatturaElettronicaSemplificata';
  return `<?xml version="1.0" encoding="UTF-8"?>
<p:${name} versione="FSM10" xmlns:p="http://ivaservizi.agenziaentrate.gov.it/docs/xsd/fatture/v1.0">
  <FatturaElettronicaHeader>
    <DatiTrasmissione>
      <FormatoTrasmissione>FSM10</FormatoTrasmissione><PECDestinatario>anna@pec.example.it</PECDestinatario>
    </DatiTrasmissione>
    <CedentePrestatore>
      ${vatId('03999000106')}<CodiceFiscale>03999000106</CodiceFiscale><Denominazione>Trattoria al Ponte</Denominazione>
      <Sede><Indirizzo>Via Lunga</Indirizzo><NumeroCivico>3</NumeroCivico><CAP>16100</CAP><Comune>Genova</Comune><Nazione>IT</Nazione></Sede>
      <RegimeFiscale>RF01</RegimeFiscale>
    </CedentePrestatore>
    <CessionarioCommittente>${
      parts.buyer ??
      `<IdentificativiFiscali>${vatId('02888000219')}</IdentificativiFiscali>
      <AltriDatiIdentificativi><Nome>Anna</Nome><Cognome>Però</Cognome>
        <Sede><Indirizzo>Via Corta 1</Indirizzo><CAP>39100</CAP><Comune>Bolzano</Comune><Provincia>BZ</Provincia><Nazione>IT</Nazione></Sede>
      </AltriDatiIdentificativi>`
    }</CessionarioCommittente>
  </FatturaElettronicaHeader>
  <FatturaElettronicaBody>
    <DatiGenerali><DatiGeneraliDocumento>
      <TipoDocumento>${parts.type ?? 'TD07'}</TipoDocumento><Divisa>EUR</Divisa><Data>2026-11-05</Data><Numero>S1</Numero>${parts.general ?? ''}
    </DatiGeneraliDocumento>${parts.references ?? ''}</DatiGenerali>
    ${parts.sales ?? sale('122.00', '<Aliquota>22.00</Aliquota>')}
    ${parts.attachments ?? ''}
  </FatturaElettronicaBody>
</p:${name}>`;
}

export function sale(amount: string, vat: string, rest = ''): string {
  return `<DatiBeniServizi><Descrizione>Pranzo</Descrizione><Importo>${amount}</Importo><DatiIVA>${vat}</DatiIVA>${rest}</DatiBeniServizi>`;
}

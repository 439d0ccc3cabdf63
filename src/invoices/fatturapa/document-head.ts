import { type Currency, parseCurrency, parseMoney } from '../../domain/money.ts';
import type { Invoice } from '../../domain/invoice.ts';
import { amountOf, InvoiceRefused, notLonger, requiredText } from '../field.ts';
import type { XmlElement } from '../xml-tree.ts';
import { codeOf, dayOf, lineOf, requiredCode } from './loose-field.ts';

type Head = Pick<Invoice, 'typeCode' | 'number' | 'date' | 'currency' | 'stampDuty'>;

/** What `DatiGeneraliDocumento` says in the ordinary form and in the simplified one. */
export function headOf(general: XmlElement): Head {
  const currency = currencyOf(general);
  return {
    typeCode: requiredCode(general, 'TipoDocumento'),
    // The format's own limit is 20.
    number: notLonger(lineOf(general, 'Numero') ?? requiredText(general, 'Numero'), 100, general.pathOf('Numero')),
    date: dayOf(general, 'Data') ?? requiredText(general, 'Data'),
    currency,
    stampDuty: stampDutyOf(general, currency),
  };
}

function currencyOf(general: XmlElement): Currency {
  const code = requiredCode(general, 'Divisa');
  const currency = parseCurrency(code);
  if (currency) return currency;
  const message = `"${code.slice(0, 40)}" is no currency of ISO 4217`;
  throw new InvoiceRefused('currency-invalid', message, general.pathOf('Divisa'));
}

/**
 * The duty that the seller pays by declaring it. It is no part of the total unless a line asks the buyer for it.
 * Where the file says only that it is due, it is the law's 2 euros (D.P.R. 642/1972, tariff, art. 13).
 */
function stampDutyOf(general: XmlElement, currency: Currency): Head['stampDuty'] {
  const block = general.child('DatiBollo') ?? general;
  const stated = amountOf(block, 'ImportoBollo', currency);
  const declared = codeOf(block, 'BolloVirtuale') === 'SI';
  return stated ?? (declared && currency === 'EUR' ? (parseMoney('2', currency) ?? null) : null);
}

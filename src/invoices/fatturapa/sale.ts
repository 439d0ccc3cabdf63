import type { InvoiceWarning } from '../../domain/invoice.ts';
import { type Currency, formatUnits, type Money, subtract } from '../../domain/money.ts';
import { amountOf, decimalOf, InvoiceRefused, requiredAmount } from '../field.ts';
import type { XmlElement } from '../xml-tree.ts';
import { codeOf } from './loose-field.ts';

/** `gross` is what the file states, `net` and `tax` what is in it. `rate` is a percentage, as decimal text. */
export type Sale = {
  readonly description: string;
  readonly gross: Money;
  readonly net: Money;
  readonly tax: Money;
  readonly rate: string;
  readonly nature: string | null;
  readonly reason: string | null;
};

/**
 * One `DatiBeniServizi` of the simplified form. It states its VAT (`Imposta`), or the rate that it follows from
 * (`Aliquota`), so it is reckoned for each, rounded half up to the currency's smallest unit, and never for a sum of several.
 */
export function saleOf(element: XmlElement, currency: Currency, warnings: InvoiceWarning[]): Sale {
  const gross = requiredAmount(element, 'Importo', currency);
  const nature = codeOf(element, 'Natura');
  const stated = taxOf(element, gross);
  const rate = rateOf(element);
  if (stated === null && rate === null && nature === null) {
    const message = `${element.path} states neither its VAT nor why there is none: read as without VAT`;
    warnings.push({ code: 'vat-missing', message });
  }
  const tax = stated ?? taxWithin(gross, rate ?? '0');
  return {
    description: element.textOf('Descrizione') ?? '',
    gross,
    net: subtract(gross, tax),
    tax,
    rate: rate ?? rateBehind(gross, tax),
    nature,
    reason: element.textOf('RiferimentoNormativo'),
  };
}

function taxOf(element: XmlElement, gross: Money): Money | null {
  const block = element.child('DatiIVA');
  const tax = block ? amountOf(block, 'Imposta', gross.currency) : null;
  if (!block || !tax) return null;
  const within =
    gross.units < 0n ? tax.units <= 0n && tax.units > gross.units : tax.units >= 0n && tax.units < gross.units;
  if (within || tax.units === 0n) return tax;
  const message = `VAT of ${formatUnits(tax)} cannot be within ${formatUnits(gross)}`;
  throw new InvoiceRefused('amount-invalid', message, block.pathOf('Imposta'));
}

function rateOf(element: XmlElement): string | null {
  const block = element.child('DatiIVA');
  const rate = block ? decimalOf(block, 'Aliquota') : null;
  if (!block || !rate?.startsWith('-')) return rate;
  throw new InvoiceRefused('number-invalid', `"${rate}" is no rate of VAT`, block.pathOf('Aliquota'));
}

function taxWithin(gross: Money, rate: string): Money {
  const [whole = '', fraction = ''] = rate.split('.');
  const rateUnits = BigInt(whole + fraction);
  const hundred = 100n * 10n ** BigInt(fraction.length);
  return { units: divided(gross.units * rateUnits, hundred + rateUnits), currency: gross.currency };
}

// D.P.R. 633/1972, art. 16 and table A: the rates that are, before one that only the figures suggest.
const lawfulRates = ['0.00', '4.00', '5.00', '10.00', '22.00'];

function rateBehind(gross: Money, tax: Money): string {
  const lawful = lawfulRates.find((rate) => taxWithin(gross, rate).units === tax.units);
  if (lawful !== undefined) return lawful;
  const net = subtract(gross, tax);
  const hundredths = divided(tax.units * 10_000n, net.units)
    .toString()
    .padStart(3, '0');
  return `${hundredths.slice(0, -2)}.${hundredths.slice(-2)}`;
}

/** Rounded half up, away from zero; `by` is not zero. */
function divided(amount: bigint, by: bigint): bigint {
  const negative = amount < 0n !== by < 0n;
  const [over, under] = [amount < 0n ? -amount : amount, by < 0n ? -by : by];
  const rounded = (2n * over + under) / (2n * under);
  return negative ? -rounded : rounded;
}

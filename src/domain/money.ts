/** An exact amount: `units` counts the currency's smallest unit (cents), so no float ever holds money. */
export type Money = { readonly units: bigint; readonly currency: Currency };

declare const currencyBrand: unique symbol;
/** An ISO 4217 code that this runtime knows. */
export type Currency = string & { readonly [currencyBrand]: true };

// Not by Intl, which counts what people use in shops: no decimals for HUF, where ISO 4217 and invoices have two.
const decimalsOfIso: ReadonlyMap<string, number> = new Map([
  ...'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'.split(' ').map((code) => [code, 0] as const),
  ...'BHD IQD JOD KWD LYD OMR TND'.split(' ').map((code) => [code, 3] as const),
]);

// Units of account with four decimals, which columns have no room for; nobody is sent an invoice in them.
const unitsOfAccount = new Set(['CLF', 'UYW']);
const known: ReadonlySet<string> = new Set(
  Intl.supportedValuesOf('currency').filter((code) => !unitsOfAccount.has(code)),
);

/** @returns undefined for what is no ISO 4217 code. */
export function parseCurrency(code: string): Currency | undefined {
  return isCurrency(code) ? code : undefined;
}

function isCurrency(code: string): code is Currency {
  return known.has(code);
}

/** How many decimals the currency has (ISO 4217, minor unit): 2 for EUR, 0 for JPY, 3 for KWD. */
export function decimalsOf(currency: Currency): number {
  return decimalsOfIso.get(currency) ?? 2;
}

/**
 * Reads `"122.00"` or `"-3.5"` exactly.
 * @returns undefined when the text is no decimal number, has more decimals than the currency, or more than 15 digits.
 */
export function parseMoney(value: string, currency: Currency): Money | undefined {
  const match = /^(-?)(\d{1,15})(?:\.(\d+))?$/.exec(value);
  if (!match) return undefined;
  const decimals = decimalsOf(currency);
  const fraction = match[3] ?? '';
  if (fraction.length > decimals) return undefined;
  const units = BigInt((match[2] ?? '') + fraction.padEnd(decimals, '0'));
  return { units: match[1] === '-' ? -units : units, currency };
}

/** Reads a `numeric` column, which PostgreSQL may pad with zeros (`122.000`). Throws on anything else: the column is ours. */
export function moneyFromNumeric(value: string, currency: Currency): Money {
  const decimals = decimalsOf(currency);
  const [whole = '', fraction = ''] = value.split('.');
  if (!/^0*$/.test(fraction.slice(decimals))) throw new Error('numeric column has more decimals than its currency');
  const money = parseMoney(
    fraction === '' ? whole : `${whole}.${fraction.slice(0, decimals)}`.replace(/\.$/, ''),
    currency,
  );
  if (!money) throw new Error('numeric column holds no amount');
  return money;
}

/** `"122.00"`: as the API and `numeric` columns take it. */
export function formatUnits(money: Money): string {
  const decimals = decimalsOf(money.currency);
  const sign = money.units < 0n ? '-' : '';
  const digits = (money.units < 0n ? -money.units : money.units).toString().padStart(decimals + 1, '0');
  return decimals === 0 ? sign + digits : `${sign}${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

/** `122,00 €`: as a person of that locale writes it. */
export function formatMoney(money: Money, locale: string): string {
  return formatOf(locale, money.currency).format(decimalText(formatUnits(money)));
}

export function add(a: Money, b: Money): Money {
  return { units: a.units + sameCurrency(a, b).units, currency: a.currency };
}

export function subtract(a: Money, b: Money): Money {
  return { units: a.units - sameCurrency(a, b).units, currency: a.currency };
}

export function zero(currency: Currency): Money {
  return { units: 0n, currency };
}

function sameCurrency(a: Money, b: Money): Money {
  if (a.currency !== b.currency) throw new Error(`cannot reckon ${a.currency} with ${b.currency}`);
  return b;
}

// Making a format costs a hundred times its use. The locales are the callers', so their number is bounded.
const formats = new Map<string, Intl.NumberFormat>();
const mostFormats = 1_000;

function formatOf(locale: string, currency: Currency): Intl.NumberFormat {
  const key = `${currency} ${locale}`;
  const cached = formats.get(key);
  if (cached) return cached;
  const format = new Intl.NumberFormat(locale, {
    style: 'currency',
    currency,
    useGrouping: 'always',
    minimumFractionDigits: decimalsOf(currency),
    maximumFractionDigits: decimalsOf(currency),
    // Where people leave them out, only decimals that count are written.
    ...(usualDecimals(currency) < decimalsOf(currency) ? { trailingZeroDisplay: 'stripIfInteger' } : {}),
  });
  if (formats.size >= mostFormats) formats.clear();
  formats.set(key, format);
  return format;
}

function usualDecimals(currency: Currency): number {
  return new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;
}

// Intl formats decimal strings exactly (Intl.NumberFormat v3); its type wants the template form.
function decimalText(text: string): Intl.StringNumericLiteral {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return text as Intl.StringNumericLiteral;
}

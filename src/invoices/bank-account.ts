import { parseBic, parseIban } from '../domain/iban.ts';
import type { InvoiceWarning } from '../domain/invoice.ts';

/**
 * A valid IBAN without spaces. Money sent to a mistyped account is gone, so a wrong one is left out, with a warning,
 * rather than shown; the due date still stands.
 * @param path of the element, for the warning.
 */
export function statedIban(text: string | null, path: string, warnings: InvoiceWarning[]): string | null {
  if (text === null) return null;
  const iban = parseIban(text.replaceAll(/\s/g, '').replace(/^IBAN:?/i, ''));
  if (iban !== undefined) return iban;
  warnings.push({ code: 'iban-invalid', message: `${path} is no valid IBAN and is left out` });
  return null;
}

/**
 * A valid BIC in capitals; a wrong one is left out, with a warning. What SEPA writes where nobody knows it (EPC130-08)
 * looks like one of a Romanian bank.
 */
export function statedBic(text: string | null, path: string, warnings: InvoiceWarning[]): string | null {
  if (text === null || text.toUpperCase() === 'NOTPROVIDED') return null;
  const bic = parseBic(text.replaceAll(/\s/g, ''));
  if (bic !== undefined) return bic;
  warnings.push({ code: 'bic-invalid', message: `${path} is no valid BIC and is left out` });
  return null;
}

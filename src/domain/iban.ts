import { electronicFormatIBAN, isValidBIC, isValidIBAN } from 'ibantools';

/**
 * Reads an IBAN as people write it (spaces, hyphens, small letters).
 * @returns the electronic form, without spaces, or undefined when country, length, form or check digits are wrong.
 */
export function parseIban(text: string): string | undefined {
  const iban = electronicFormatIBAN(text);
  return iban !== null && isValidIBAN(iban) ? iban : undefined;
}

/** `IT60 X054 2811 …`: groups of four, as it stands on paper (ISO 13616). */
export function formatIban(iban: string): string {
  return iban.replaceAll(/(.{4})(?=.)/g, '$1 ');
}

/**
 * Reads a BIC (ISO 9362): 8 or 11 characters.
 * @returns it in capitals, or undefined when the form or the country is wrong.
 */
export function parseBic(text: string): string | undefined {
  const bic = text.replaceAll(' ', '').toUpperCase();
  return isValidBIC(bic) ? bic : undefined;
}

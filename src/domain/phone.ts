import { isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js/max';

/** A phone number that exists in its country's plan. `mobile` says whether it can take an SMS. */
export type Phone = { readonly e164: string; readonly mobile: boolean };

/**
 * Reads a phone number as people write it; one without `+` or `00` belongs to `defaultCountry` (ISO 3166, two letters).
 * @returns undefined when it is no number, has an extension, or stands outside its country's numbering plan.
 */
export function parsePhone(text: string, defaultCountry: string): Phone | undefined {
  const country = defaultCountry.toUpperCase();
  const number = parsePhoneNumberFromString(text.trim().replace(/^00(?=[1-9])/, '+'), {
    extract: false,
    ...(isSupportedCountry(country) ? { defaultCountry: country } : {}),
  });
  if (!number?.isValid() || number.ext !== undefined) return undefined;
  const type = number.getType();
  // Some plans (the American one) do not tell fixed from mobile: such a number may well take an SMS.
  return { e164: number.number, mobile: type === 'MOBILE' || type === 'FIXED_LINE_OR_MOBILE' };
}

/** The E.164 form of a number that can take an SMS, or undefined. */
export function parseMobile(text: string, defaultCountry: string): string | undefined {
  const phone = parsePhone(text, defaultCountry);
  return phone?.mobile === true ? phone.e164 : undefined;
}

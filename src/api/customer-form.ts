import { z } from 'zod';
import { formatId } from '../domain/ids.ts';
import { parsePhone } from '../domain/phone.ts';
import type { Customer, CustomerFields } from '../store/customers.ts';
import { instantText } from '../store/instants.ts';
import { invalidRequest } from './checked.ts';
import type { FieldError } from './problems.ts';
import { country, date, email, line, locale, ref, textAs, timeZone } from './schemas.ts';

/** A VAT id or a tax code, without what people put between its signs. */
export const taxNumber = textAs(
  (text) => {
    const plain = text.replaceAll(/[\s.-]/g, '').toUpperCase();
    return /^[A-Z0-9]{2,28}$/.test(plain) ? plain : undefined;
  },
  { code: 'invalid-tax-number', message: 'must be 2 to 28 letters and digits' },
  { examples: ['IT01234567897'] },
);

const mostContacts = 10;
/** Of contacts. */
export const several = <T extends z.ZodType>(item: T) => z.array(item).max(mostContacts);

export const postalAddress = z.strictObject({
  street: line(200).optional(),
  postalCode: line(20).optional(),
  city: line(100).optional(),
  province: line(100).optional(),
  country: country.optional(),
});

const optionalFields = {
  kind: z.enum(['business', 'public', 'consumer']).optional(),
  email: several(email).optional(),
  phone: several(line(40))
    .optional()
    .describe("As people write it; without a prefix it belongs to the customer's country"),
  pec: email.nullable().optional().describe('Certified mail: reminders never go there by themselves'),
  address: postalAddress.nullable().optional(),
  locale: locale.nullable().optional(),
  timeZone: timeZone.nullable().optional(),
  vatId: taxNumber.nullable().optional(),
  taxCode: taxNumber.nullable().optional(),
  doNotRemind: z.boolean().optional(),
  pausedUntil: date.nullable().optional(),
};

/** A whole customer: what is not sent is empty (`kind`: `business`). */
export const customerInput = z.strictObject({ name: line(200), ...optionalFields });
/** The same with its ref: in a batch, or inside a due date. */
export const customerInputWithRef = z.strictObject({ ref, name: line(200), ...optionalFields });
/** Changes: what is not sent stays, null takes a value away. */
export const customerChanges = z.strictObject({ name: line(200).optional(), ...optionalFields });

type Input = z.output<typeof customerInput>;

/**
 * The customer that a body describes.
 * @param tenantCountry where a phone number without a prefix belongs, unless the customer's address has a country.
 * @param at the JSON Pointer of the customer in the request's body.
 * @throws Problem `invalid-request` for a phone number that does not exist.
 */
export function customerFields(input: Input, tenantCountry: string, at = ''): CustomerFields {
  return changedFields(empty, input, tenantCountry, at);
}

/** The customer with those changes. */
export function changedFields(
  current: CustomerFields,
  changes: z.output<typeof customerChanges>,
  tenantCountry: string,
  at = '',
): CustomerFields {
  const given = <K extends keyof CustomerFields>(key: K, value: CustomerFields[K] | undefined): CustomerFields[K] =>
    value === undefined ? current[key] : value;
  const address = given('address', changes.address && definedOf(changes.address));
  const phone = changes.phone && readPhones(changes.phone, address?.['country'] ?? tenantCountry, `${at}/phone`);
  return {
    name: given('name', changes.name),
    kind: given('kind', changes.kind),
    email: given('email', changes.email && [...new Set(changes.email)]),
    phone: given('phone', phone),
    pec: given('pec', changes.pec),
    address,
    locale: given('locale', changes.locale),
    timeZone: given('timeZone', changes.timeZone),
    vatId: given('vatId', changes.vatId),
    taxCode: given('taxCode', changes.taxCode),
    doNotRemind: given('doNotRemind', changes.doNotRemind),
    pausedUntil: given('pausedUntil', changes.pausedUntil),
  };
}

const nullableText = z.string().nullable();

export const customerReply = z.strictObject({
  id: z.string(),
  ref: z.string(),
  name: z.string(),
  kind: z.string(),
  email: z.array(z.string()),
  phone: z.array(z.string()).describe('In E.164 form'),
  pec: nullableText,
  address: z.record(z.string(), z.string()).nullable(),
  locale: nullableText,
  timeZone: nullableText,
  vatId: nullableText,
  taxCode: nullableText,
  doNotRemind: z.boolean(),
  pausedUntil: nullableText,
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});

/** As it leaves. */
export function customerJson(customer: Customer): z.input<typeof customerReply> {
  const { id, version: _version, createdAt, updatedAt, ref, email, phone, address, ...fields } = customer;
  return {
    id: formatId('customer', id),
    ref,
    ...fields,
    email: [...email],
    phone: [...phone],
    address: address === null ? null : { ...address },
    createdAt: instantText(createdAt),
    updatedAt: instantText(updatedAt),
  };
}

const empty: CustomerFields = {
  name: '',
  kind: 'business',
  email: [],
  phone: [],
  pec: null,
  address: null,
  locale: null,
  timeZone: null,
  vatId: null,
  taxCode: null,
  doNotRemind: false,
  pausedUntil: null,
};

/**
 * Phone numbers in E.164 form, each once.
 * @param at the JSON Pointer of the list.
 * @throws Problem `invalid-request` for one that does not exist.
 */
export function readPhones(texts: readonly string[], defaultCountry: string, at: string): string[] {
  const numbers = texts.map((text) => parsePhone(text, defaultCountry)?.e164);
  const errors = numbers.flatMap((number, index): FieldError[] =>
    number === undefined
      ? [{ path: `${at}/${index}`, code: 'invalid-phone', message: 'must be a phone number that exists, best as +39…' }]
      : [],
  );
  if (errors.length > 0) throw invalidRequest(errors);
  return [...new Set(numbers.filter((number) => number !== undefined))];
}

function definedOf(fields: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const defined: Record<string, string> = {};
  for (const [key, value] of Object.entries(fields)) if (value !== undefined) defined[key] = value;
  return defined;
}

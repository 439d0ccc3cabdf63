import { parseEmailAddress } from '../domain/email-address.ts';
import { parseId, type TenantId } from '../domain/ids.ts';
import type { InvoiceAddress, InvoiceBuyer } from '../domain/invoice.ts';
import { parsePhone } from '../domain/phone.ts';
import { sameNumbers } from '../domain/same-party.ts';
import {
  columns,
  type Customer,
  type CustomerFields,
  type CustomerRow,
  fieldsOf,
  saveCustomer,
  toCustomer,
} from './customers.ts';
import type { Queryable } from './database.ts';

type Import = { tenant: TenantId; country: string; now: Temporal.Instant };

/**
 * The customer that the other party of an invoice is (its buyer, or the seller of a purchase): matched by VAT id, then tax
 * code; by name only where the one or the other has neither number; made when there is none.
 * Of a known customer only what is missing is filled in. Its contacts are never touched: a person chose them.
 */
export async function customerOf(client: Queryable, by: Import, party: InvoiceBuyer): Promise<Customer> {
  const match = await findParty(client, by.tenant, party);
  const refOrId = match?.ref ?? (await freeRef(client, by.tenant, party));
  const change = (current: Customer | undefined): CustomerFields =>
    current ? filled(current, party) : made(by, party);
  const saved = await saveCustomer(client, { tenant: by.tenant, now: by.now, refOrId, change });
  if (!saved) throw new Error('a customer of an invoice was not made');
  return saved.row;
}

/**
 * The customer that a buyer is known as, or undefined. Firms of one VAT group share its VAT id, not their tax codes: where
 * both are known the tax code decides.
 */
export async function findParty(
  client: Queryable,
  tenant: TenantId,
  party: InvoiceBuyer,
): Promise<Customer | undefined> {
  const { rows } = await client.query<CustomerRow>(
    `SELECT ${columns} FROM sollecito.customer
     WHERE tenant_id = $1 AND (vat_id = ANY ($2) OR tax_code = ANY ($2))
     ORDER BY coalesce(vat_id = ANY ($3), false) DESC, coalesce(tax_code = $4, false) DESC, created_at, id`,
    [tenant, [party.vatId, party.taxCode].flatMap(numberForms), numberForms(party.vatId), party.taxCode],
  );
  const found = rows.map(toCustomer).find((customer) => sameNumbers(customer, party) === true);
  return found ?? findByName(client, tenant, party);
}

// A name says who it is only where there is nothing better: one of the two has no number at all. Among several that have
// numbers it says nothing: whoever is guessed may be another.
async function findByName(client: Queryable, tenant: TenantId, party: InvoiceBuyer): Promise<Customer | undefined> {
  const { rows } = await client.query<CustomerRow>(
    `SELECT ${columns} FROM sollecito.customer WHERE tenant_id = $1 AND lower(name) = lower($2) ORDER BY created_at, id`,
    [tenant, party.name],
  );
  const hasNumber = party.vatId !== null || party.taxCode !== null;
  const numberless = rows.find((row) => row.vat_id === null && row.tax_code === null);
  const found = numberless ?? (hasNumber || rows.length > 1 ? undefined : rows[0]);
  return found && toCustomer(found);
}

// With its country or without: people write both, and an Italian firm's VAT number as its tax code too.
function numberForms(number: string | null): string[] {
  if (number === null) return [];
  if (/^\d{11}$/.test(number)) return [number, `IT${number}`];
  return number.startsWith('IT') ? [number, number.slice(2)] : [number];
}

function filled(current: Customer, party: InvoiceBuyer): CustomerFields {
  return {
    ...fieldsOf(current),
    vatId: current.vatId ?? party.vatId,
    taxCode: current.taxCode ?? party.taxCode,
    pec: current.pec ?? certifiedAddress(party),
    address: current.address ?? (party.address && addressOf(party.address)),
  };
}

function made({ country }: Import, party: InvoiceBuyer): CustomerFields {
  const email = party.email.map(parseEmailAddress).filter((address) => address !== undefined);
  const phone = party.phone.map((number) => parsePhone(number, party.address?.country ?? country)?.e164);
  return {
    name: party.name,
    kind: party.kind,
    email: [...new Set(email)],
    phone: [...new Set(phone.filter((number) => number !== undefined))],
    pec: certifiedAddress(party),
    address: party.address && addressOf(party.address),
    locale: null,
    timeZone: null,
    vatId: party.vatId,
    taxCode: party.taxCode,
    doNotRemind: false,
    pausedUntil: null,
  };
}

function certifiedAddress(party: InvoiceBuyer): string | null {
  return party.pec === null ? null : (parseEmailAddress(party.pec) ?? null);
}

function addressOf(address: InvoiceAddress): Record<string, string> {
  const parts: Record<string, string> = {};
  for (const [name, value] of Object.entries(address)) if (value !== null && value !== '') parts[name] = value;
  return parts;
}

/** What a person recognises: the VAT id, else the tax code, else the name; with a number when it is taken. */
async function freeRef(client: Queryable, tenant: TenantId, party: InvoiceBuyer): Promise<string> {
  const base = party.vatId ?? party.taxCode ?? slug(party.name);
  const { rows } = await client.query<{ ref: string }>(
    `SELECT ref FROM sollecito.customer WHERE tenant_id = $1 AND (ref = $2 OR starts_with(ref, $2 || '-'))`,
    [tenant, base],
  );
  const taken = new Set(rows.map((row) => row.ref));
  for (let n = 1; ; n++) {
    const ref = n === 1 ? base : `${base}-${n}`;
    if (!taken.has(ref) && parseId('customer', ref) === undefined) return ref;
  }
}

function slug(name: string): string {
  const plain = name.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase();
  return (
    plain
      .replaceAll(/[^\p{L}\p{N}]+/gu, '-')
      .replaceAll(/^-|-$/g, '')
      .slice(0, 100) || 'customer'
  );
}

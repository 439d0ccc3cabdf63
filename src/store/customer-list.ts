import type { TenantId } from '../domain/ids.ts';
import { columns, type Customer, type CustomerRow, toCustomer } from './customers.ts';
import type { Queryable } from './database.ts';

/** Which contacts a customer has: none at all, an email address, a phone number, or either of them. */
export const contactFilters = ['none', 'email', 'phone', 'any'] as const;
type ContactFilter = (typeof contactFilters)[number];

export const customerSorts = ['ref', '-ref', 'name', '-name'] as const;
type CustomerSort = (typeof customerSorts)[number];

/** `after`: the sort column and the ref of the last row of the page before. */
export type CustomerListRequest = {
  contact: readonly ContactFilter[] | undefined;
  /** A LIKE pattern for name and ref. */
  like: string | undefined;
  sort: CustomerSort;
  after: readonly [string, string] | undefined;
  limit: number;
};

/** A page of customers, one row more than `limit` when there are more. */
export async function listCustomers(
  client: Queryable,
  tenant: TenantId,
  { contact, like, sort, after, limit }: CustomerListRequest,
): Promise<Customer[]> {
  const column = sort.endsWith('name') ? 'name' : 'ref';
  const [order, beyond] = sort.startsWith('-') ? ['DESC', '<'] : ['ASC', '>'];
  const values: unknown[] = [tenant, limit + 1];
  const conditions = ['tenant_id = $1'];
  if (contact) conditions.push(`(${contact.map((filter) => contactConditions[filter]).join(' OR ')})`);
  if (like !== undefined) conditions.push(`(name ILIKE $${values.push(like)} OR ref ILIKE $${values.length})`);
  if (after) conditions.push(`(${column}, ref) ${beyond} ($${values.push(after[0])}, $${values.push(after[1])})`);
  const { rows } = await client.query<CustomerRow>(
    `SELECT ${columns} FROM sollecito.customer WHERE ${conditions.join(' AND ')} ORDER BY ${column} ${order}, ref ${order} LIMIT $2`,
    values,
  );
  return rows.map(toCustomer);
}

/** As the indexes have them; `customer` is the table or its alias's columns. */
const contactConditions: Readonly<Record<ContactFilter, string>> = {
  none: "(email = '{}' AND phone = '{}')",
  email: "email <> '{}'",
  phone: "phone <> '{}'",
  any: "(email <> '{}' OR phone <> '{}')",
};

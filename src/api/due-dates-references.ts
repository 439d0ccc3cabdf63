import {
  type BankAccountFields,
  type BankAccountSave,
  holdForDefault,
  saveBankAccounts,
} from '../store/bank-accounts.ts';
import { saveCustomer } from '../store/customers.ts';
import type { Queryable } from '../store/database.ts';
import { lockBankAccounts, lockCustomers } from '../store/due-dates-references.ts';
import type { Change } from '../store/due-dates-events.ts';
import { tenantCountry } from '../store/tenants.ts';
import { bankAccountFields } from './bank-account-form.ts';
import { isProblem } from './checked.ts';
import { changedFields, customerFields } from './customer-form.ts';
import type { BankAccountReference, CustomerReference, References } from './due-dates-form.ts';
import { Problem } from './problems.ts';

/** What a body names; left out or null: it names none. */
export type Naming = {
  customer?: CustomerReference | undefined;
  bankAccount?: BankAccountReference | null | undefined;
};

/**
 * Finds or saves what due dates name: all customers first, then all bank accounts, each in the order of their refs, so
 * that two batches cannot wait for each other. A customer sent whole keeps what was not sent of it (`doNotRemind`!).
 * @returns for each naming its rows, or the problem that its own item has.
 */
export async function resolveReferences(
  client: Queryable,
  change: Change,
  namings: readonly Naming[],
): Promise<(References | Problem)[]> {
  const problems = new Map<number, Problem>();
  await holdForDefault(client, accountSaves(change, namings, problems));
  await saveCustomers(client, change, namings, problems);
  const customers = await lockCustomers(
    client,
    namings.flatMap((naming) => refOf(naming.customer) ?? []),
  );
  await saveBankAccounts(client, accountSaves(change, namings, problems));
  const accounts = await lockBankAccounts(
    client,
    namings.flatMap((naming) => refOf(naming.bankAccount) ?? []),
  );
  return namings.map((naming, index) => {
    const customerRef = refOf(naming.customer);
    const accountRef = refOf(naming.bankAccount);
    const customer = customerRef === undefined ? undefined : customers.get(customerRef);
    const bankAccount = accountRef === undefined ? undefined : accounts.get(accountRef);
    const problem = problems.get(index);
    if (problem) return problem;
    if (customerRef !== undefined && customer === undefined) return names('customer', '/customer');
    if (accountRef !== undefined && bankAccount === undefined) return names('bank account', '/bankAccount');
    return { customer, bankAccount };
  });
}

function refOf(reference: { ref: string } | string | null | undefined): string | undefined {
  return typeof reference === 'string' ? reference : reference?.ref;
}

function names(what: string, path: string): Problem {
  return new Problem('not-found', `There is no such ${what}.`, {
    errors: [{ path, code: 'not-found', message: `names no ${what}` }],
  });
}

async function saveCustomers(
  client: Queryable,
  { tenant, clock }: Change,
  namings: readonly Naming[],
  problems: Map<number, Problem>,
): Promise<void> {
  const whole = wholeOnes(namings.map((naming) => naming.customer));
  if (whole.length === 0) return;
  const country = await tenantCountry(client, tenant);
  for (const { index, given } of whole) {
    const { ref: refOrId, ...input } = given;
    const problem = await problemOf(async () => {
      await saveCustomer(client, {
        tenant,
        now: clock.now(),
        refOrId,
        change: (current) =>
          current ? changedFields(current, input, country, '/customer') : customerFields(input, country, '/customer'),
      });
    });
    if (problem) problems.set(index, problem);
  }
}

function accountSaves(
  { tenant, clock }: Change,
  namings: readonly Naming[],
  problems: ReadonlyMap<number, Problem>,
): BankAccountSave[] {
  const asked = wholeOnes(namings.map((naming) => naming.bankAccount)).filter(({ index }) => !problems.has(index));
  return asked.map(({ given: { ref: refOrId, ...input } }) => {
    const whole = bankAccountFields(input);
    const change = (current: BankAccountFields | undefined): BankAccountFields =>
      current
        ? {
            ...whole,
            bic: input.bic === undefined ? current.bic : whole.bic,
            label: input.label === undefined ? current.label : whole.label,
            isDefault: input.default === undefined ? current.isDefault : whole.isDefault,
          }
        : whole;
    return { tenant, now: clock.now(), refOrId, change };
  });
}

// Equal refs keep their order: the last one said counts.
function wholeOnes<T extends { ref: string }>(
  references: readonly (T | string | null | undefined)[],
): { index: number; given: T }[] {
  const whole: { index: number; given: T }[] = [];
  for (const [index, given] of references.entries()) {
    if (typeof given === 'object' && given !== null) whole.push({ index, given });
  }
  return whole.sort((a, b) => (a.given.ref < b.given.ref ? -1 : a.given.ref > b.given.ref ? 1 : a.index - b.index));
}

async function problemOf(work: () => Promise<void>): Promise<Problem | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    if (isProblem(error)) return error;
    throw error;
  }
}

import { type Age, ages } from '../domain/due-date.ts';
import { add, type Currency, decimalsOf, type Money, parseCurrency, zero } from '../domain/money.ts';
import type { Queryable } from './database.ts';
import { type DueDateFilter, filterCondition, Parameters } from './due-date-list-filter.ts';
import { ageExpression } from './due-date-list-rules.ts';

export type CurrencyTotals = {
  readonly currency: Currency;
  readonly count: number;
  readonly amount: Money;
  readonly paid: Money;
  readonly outstanding: Money;
  /** Of what is still owed alone: every age, youngest first. */
  readonly ages: readonly { readonly age: Age; readonly count: number; readonly outstanding: Money }[];
};

/** Counts and sums of all due dates of a filter, by currency, and what is owed by how long it has been. */
export async function summariseDueDates(
  client: Queryable,
  wanted: { filter: DueDateFilter; today: string },
): Promise<CurrencyTotals[]> {
  const parameters = new Parameters();
  const today = parameters.add(wanted.today, 'date');
  const { rows } = await client.query<SummaryRow>(
    `SELECT d.currency, ${ageExpression(today)} AS age, count(*)::integer AS count,
       count(*) FILTER (WHERE d.outstanding > 0)::integer AS owed, sum(d.amount) AS amount, sum(d.paid) AS paid,
       sum(d.outstanding) AS outstanding
     FROM sollecito.due_date d
     WHERE ${filterCondition(wanted.filter, wanted.today, parameters)}
     GROUP BY d.currency, age ORDER BY d.currency`,
    parameters.values,
  );
  return [...new Set(rows.map((row) => row.currency))].map((code) =>
    totals(
      code,
      rows.filter((row) => row.currency === code),
    ),
  );
}

type SummaryRow = {
  currency: string;
  age: Age;
  count: number;
  owed: number;
  amount: string;
  paid: string;
  outstanding: string;
};

function totals(code: string, rows: readonly SummaryRow[]): CurrencyTotals {
  const currency = parseCurrency(code);
  if (!currency) throw new Error('currency column holds no currency');
  const sum = (column: 'amount' | 'paid' | 'outstanding', of = rows): Money =>
    of.map((row) => sumOf(row[column], currency)).reduce(add, zero(currency));
  return {
    currency,
    count: rows.reduce((count, row) => count + row.count, 0),
    amount: sum('amount'),
    paid: sum('paid'),
    outstanding: sum('outstanding'),
    ages: ages.map((age) => {
      const those = rows.filter((row) => row.age === age);
      return { age, count: those.reduce((count, row) => count + row.owed, 0), outstanding: sum('outstanding', those) };
    }),
  };
}

// A sum may have more digits than any single amount.
function sumOf(numeric: string, currency: Currency): Money {
  const [whole = '', fraction = ''] = numeric.split('.');
  const decimals = decimalsOf(currency);
  return { units: BigInt(whole + fraction.slice(0, decimals).padEnd(decimals, '0')), currency };
}

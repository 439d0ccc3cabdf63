import { z } from 'zod';
import { payableOf, paymentTerms, sumOf } from '../domain/invoice-terms.ts';
import type { Invoice } from '../domain/invoice.ts';
import { type Currency, formatUnits, type Money, parseMoney } from '../domain/money.ts';
import { invoiceForm, type InvoiceForm } from './invoices-form.ts';

/** An invoice as JSON, read into the domain's: one currency, amounts that ask for something, terms that are complete. */
export const invoiceInput = invoiceForm.transform((form, context): Invoice => {
  const amounts = readAmounts(form);
  const faults = 'faults' in amounts ? amounts.faults : [];
  for (const { path, code, message } of faults) {
    context.addIssue({ code: 'custom', path, message, params: { code } });
  }
  return 'faults' in amounts ? z.NEVER : invoiceOf(form, amounts);
});

type Amounts = { currency: Currency; total: Money; payable: Money };
type Fault = { path: PropertyKey[]; code: string; message: string };

function invoiceOf(form: InvoiceForm, amounts: Amounts): Invoice {
  const { typeCode, instalments = [], ...same } = form;
  const terms = paymentTerms(instalments, { date: form.date, ...amounts });
  return {
    ...same,
    ...amounts,
    ...terms,
    source: 'json',
    typeCode: typeCode ?? typeCodes[form.type],
    attachments: [],
  };
}

// UNTDID 1001, as EN 16931 uses it.
const typeCodes = { invoice: '380', creditNote: '381', debitNote: '383', selfInvoice: '389' } as const;

function readAmounts(form: InvoiceForm): Amounts | { faults: Fault[] } {
  const first = form.total ?? form.payable ?? form.instalments?.[0]?.amount;
  if (first === undefined) {
    const empty = { path: ['instalments'], code: 'too-small', message: 'must have at least one, or be left out' };
    const missing = { path: ['total'], code: 'required', message: 'is required, or instalments are' };
    return { faults: [form.instalments ? empty : missing] };
  }
  const currency = form.currency ?? first.currency;
  const foreign = inOtherCurrencies(form, currency);
  if (foreign.length > 0) return { faults: foreign };
  const sum = sumOf(form.instalments ?? [], currency);
  const total = form.total ?? form.payable ?? sum;
  const payable = form.payable ?? payableOf(total, form);
  const faults = [...beyondMeasure({ total, payable }), ...asksForNothing(form, { total, payable })];
  return faults.length > 0 ? { faults } : { currency, total, payable };
}

function inOtherCurrencies(form: InvoiceForm, currency: Currency): Fault[] {
  const { total, payable, prepaid, stampDuty, rounding, instalments = [], vat, withholding } = form;
  const amounts: [PropertyKey[], Money | null | undefined][] = [
    [['total'], total],
    [['payable'], payable],
    [['prepaid'], prepaid],
    [['stampDuty'], stampDuty],
    [['rounding'], rounding],
    ...instalments.map(({ amount }, index): [PropertyKey[], Money] => [['instalments', index, 'amount'], amount]),
    ...vat.map(({ taxable }, index): [PropertyKey[], Money] => [['vat', index, 'taxable'], taxable]),
    ...vat.map(({ tax }, index): [PropertyKey[], Money] => [['vat', index, 'tax'], tax]),
    ...withholding.map(({ amount }, index): [PropertyKey[], Money] => [['withholding', index, 'amount'], amount]),
  ];
  return amounts.flatMap(([path, amount]): Fault[] =>
    amount && amount.currency !== currency
      ? [{ path: [...path, 'currency'], code: 'other-currency', message: `must be the invoice's, ${currency}` }]
      : [],
  );
}

// What was reckoned must be an amount that can be read again.
function beyondMeasure(reckoned: { total: Money; payable: Money }): Fault[] {
  return Object.entries(reckoned).flatMap(([name, amount]): Fault[] =>
    parseMoney(formatUnits(amount), amount.currency)
      ? []
      : [{ path: [name], code: 'too-big', message: 'must have at most 15 digits, also as a sum' }],
  );
}

/** Of a document that asks for money; credit notes ask for none, and what a buyer writes may. */
function asksForNothing(form: InvoiceForm, { total, payable }: { total: Money; payable: Money }): Fault[] {
  if (form.type !== 'invoice' && form.type !== 'debitNote') return [];
  const { instalments } = form;
  if (instalments?.length === 0) {
    return [{ path: ['instalments'], code: 'too-small', message: 'must have at least one, or be left out' }];
  }
  const asked: [PropertyKey[], Money][] = instalments
    ? instalments.map(({ amount }, index) => [['instalments', index, 'amount', 'value'], amount])
    : [[form.payable ? ['payable', 'value'] : ['total', 'value'], payable]];
  if (total.units <= 0n && form.total) asked.push([['total', 'value'], total]);
  const faulty = new Map(asked.filter(([, { units }]) => units <= 0n).map(([path]) => [path.join('/'), path]));
  return [...faulty.values()].map((path) => ({ path, code: 'too-small', message: 'must be more than zero' }));
}

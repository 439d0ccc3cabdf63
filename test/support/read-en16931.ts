import { readCii } from '../../src/invoices/cii/cii.ts';
import { type Invoice, invoiceFromJson, invoiceToJson } from '../../src/domain/invoice.ts';
import { formatUnits } from '../../src/domain/money.ts';
import { InvoiceRefused } from '../../src/invoices/field.ts';
import { readUbl } from '../../src/invoices/ubl/ubl.ts';
import { parseXml } from '../../src/invoices/xml-tree.ts';

/** The one invoice of a file in UBL or CII; it must also outlive a stay in the database. */
export function readOne(xml: string): Invoice {
  const root = parseXml(xml);
  const [invoice, ...others] = root.name === 'CrossIndustryInvoice' ? readCii(root) : readUbl(root);
  if (!invoice || others.length > 0) throw new Error('a file holds one invoice');
  invoiceFromJson(JSON.parse(JSON.stringify(invoiceToJson(invoice))));
  return invoice;
}

/** The code and the path that a file is refused with. */
export function refusalOf(xml: string): { code: string; path: string } {
  try {
    readOne(xml);
  } catch (error) {
    if (error instanceof InvoiceRefused) return { code: error.code, path: error.path };
    throw error;
  }
  throw new Error('the file was read');
}

/** `2026-02-14 122.00 30 IT60…` for each instalment. */
export function dueDatesOf({ instalments }: Invoice): string[] {
  return instalments.map(({ dueOn, amount, method, iban }) => `${dueOn} ${formatUnits(amount)} ${method} ${iban}`);
}

export function warningsOf({ warnings }: Invoice): string[] {
  return warnings.map(({ code }) => code);
}

import path from 'node:path';
import { inspectNamedFile } from '../src/commands/invoices-inspect.ts';
import type { InspectedFile } from '../src/invoices/inspect.ts';

/*
 * Prints what `invoices inspect` reads of the files that are named, as a Markdown table: a row for each invoice, or the
 * refusal. docs/invoices.md holds what it prints.
 */

type Invoice = Extract<InspectedFile, { invoices: unknown }>['invoices'][number];

const heads = ['File', 'Format', 'Document', 'Seller', 'Buyer', 'Total', 'Due', 'Attachments', 'Warnings'];

const files = process.argv.slice(2);
if (files.length === 0) {
  process.stderr.write('Which files? node scripts/run.mjs scripts/invoice-table.ts FILE…\n');
  process.exitCode = 2;
} else {
  process.stdout.write(row(heads) + row(heads.map(() => '---')));
  for (const file of files) for (const cells of rowsOf(await inspectNamedFile(file))) process.stdout.write(row(cells));
}

function rowsOf(read: InspectedFile): string[][] {
  const name = path.basename(read.file);
  if ('error' in read)
    return [[name, 'refused', ...heads.slice(3).map(() => ''), `\`${read.error.code}\`: ${read.error.message}`]];
  const ofFile = read.warnings.map(({ code }) => code);
  return read.invoices.map((invoice) => [name, read.format, ...cellsOf(invoice, ofFile)]);
}

function cellsOf(invoice: Invoice, ofFile: readonly string[]): string[] {
  const { buyer, seller } = invoice;
  const codes = [...new Set([...ofFile, ...invoice.warnings.map(({ code }) => code)])];
  return [
    `${invoice.type} ${invoice.number}, ${invoice.date}`,
    seller.name,
    `${buyer.name} (${buyer.kind})`,
    `${invoice.total} ${invoice.currency}`,
    invoice.dueDates.map(dueText).join('<br>'),
    invoice.attachments.map(({ name, bytes }) => `${name} (${bytes} bytes)`).join('<br>'),
    codes.map((code) => `\`${code}\``).join('<br>'),
  ];
}

function dueText({ dueOn, amount, method, iban }: Invoice['dueDates'][number]): string {
  const end = iban === null ? [] : [`IBAN …${iban.slice(-4)}`];
  return [`${dueOn}: ${amount}`, ...(method === null ? [] : [method]), ...end].join(', ');
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll(/\s+/g, ' ')).join(' | ')} |\n`;
}

import type { TenantId } from '../domain/ids.ts';
import type { Foundation } from '../foundation.ts';
import { readInvoicesApart } from '../invoices/read-apart.ts';
import type { DueDateChange } from '../store/invoices-changes.ts';
import { importInvoices, type ImportReport } from '../store/invoices.ts';
import { readInvoiceFile } from './invoice-files.ts';
import { onFoundation, tenantNamed } from './on-foundation.ts';

/** `sollecito import`: each file by itself, so that one that is broken keeps none of the others out. */
export async function importFiles(tenantRef: string, files: readonly string[]): Promise<number> {
  return onFoundation(async (foundation) => {
    const tenant = await tenantNamed(foundation, tenantRef);
    let failed = 0;
    for (const file of files) {
      const outcome = await importFile(foundation, tenant.id, file);
      if ('refused' in outcome) {
        failed += 1;
        process.stderr.write(`${file}: not imported: ${outcome.refused}\n`);
      } else {
        process.stdout.write(`${file}: ${words(outcome)}\n`);
        for (const change of outcome.changes.filter((one) => !isMade(one))) {
          process.stdout.write(`${file}: ${changeInWords(change)}\n`);
        }
        for (const { message } of outcome.warnings) process.stderr.write(`${file}: ${message}\n`);
      }
    }
    return failed === 0 ? 0 : 1;
  });
}

async function importFile(
  { api, clock }: Foundation,
  tenant: TenantId,
  file: string,
): Promise<ImportReport | { refused: string }> {
  const content = await readInvoiceFile(file);
  if ('error' in content) return { refused: content.error.message };
  const read = await readInvoicesApart(content.bytes);
  if ('error' in read) {
    const { message, path } = read.error;
    return { refused: path === undefined ? message : `${message} (${path})` };
  }
  return api.tenantTransaction(tenant, (client) => importInvoices(client, { tenant, actor: 'cli', clock }, read));
}

function words({ outcome, dueDates }: ImportReport): string {
  const refs = dueDates.map(({ ref }) => ref).join(', ');
  const made = dueDates.length === 0 ? 'no due date' : `due ${dueDates.length === 1 ? 'date' : 'dates'} ${refs}`;
  switch (outcome) {
    case 'created':
      return `imported, ${made}`;
    case 'updated':
      return `brought up to date, ${made}`;
    case 'unchanged':
      return `known already, ${made}`;
  }
}

// What was made stands in the line before.
function isMade({ field, from }: DueDateChange): boolean {
  return field === 'state' && from === null;
}

/** `12/1: due on 2026-04-15 (was 2026-03-31)`. */
function changeInWords({ dueDate, field, from, to }: DueDateChange): string {
  const name = field.replaceAll('.', ' ').replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return `${dueDate}: ${name} ${valueInWords(to)} (was ${valueInWords(from)})`;
}

function valueInWords(value: DueDateChange['from']): string {
  if (value === null) return 'none';
  return typeof value === 'string' ? value : `${value.value} ${value.currency}`;
}

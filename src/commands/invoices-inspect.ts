import { fileKind } from '../invoices/envelope/file-kind.ts';
import { type InspectedFile, inspection } from '../invoices/inspect.ts';
import { readInvoicesApart } from '../invoices/read-apart.ts';
import { readInvoiceFile } from './invoice-files.ts';

/**
 * `sollecito invoices inspect`: one JSON array, an element a file. 1 when one of them could not be read. Each element
 * is written before the next file is opened, so that a long list takes no more memory than a short one.
 */
export async function inspectFiles(files: readonly string[]): Promise<number> {
  let failed = false;
  let before = '[';
  for (const file of files) {
    const element = await inspectNamedFile(file);
    failed ||= 'error' in element;
    await print(`${before}\n${JSON.stringify(element, null, 2).replaceAll(/^/gm, '  ')}`);
    before = ',';
  }
  await print('\n]\n');
  return failed ? 1 : 0;
}

/** Everything that is done for one file, but for the printing. */
export async function inspectNamedFile(file: string): Promise<InspectedFile> {
  const content = await readInvoiceFile(file);
  if ('error' in content) return inspection(file, content);
  if (fileKind(content.bytes) !== 'json') return inspection(file, await readInvoicesApart(content.bytes));
  // The API's schemas take longer to load than most files to read.
  const { readJsonInvoice } = await import('./json-invoice.ts');
  const read = readJsonInvoice(content.bytes);
  return inspection(file, 'error' in read ? read : { format: 'json', invoices: [read.invoice], warnings: [] });
}

// Whoever reads may be slower, or gone: then the call back comes all the same.
async function print(text: string): Promise<void> {
  await new Promise<void>((resolve) => process.stdout.write(text, () => resolve()));
}

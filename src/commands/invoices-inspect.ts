import { inspectFile, type InspectedFile } from '../invoices/inspect.ts';
import { readInvoiceFile } from './invoice-files.ts';

/** `sollecito invoices inspect`: one JSON array, an element a file. 1 when one of them could not be read. */
export async function inspectFiles(files: readonly string[]): Promise<number> {
  const inspected: InspectedFile[] = [];
  for (const file of files) {
    const read = await readInvoiceFile(file);
    inspected.push('bytes' in read ? inspectFile(file, read.bytes) : { file, error: read.error });
  }
  process.stdout.write(`${JSON.stringify(inspected, null, 2)}\n`);
  return inspected.some((one) => 'error' in one) ? 1 : 0;
}

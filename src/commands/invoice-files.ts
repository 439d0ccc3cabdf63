import { readFile, stat } from 'node:fs/promises';
import { codeOf } from './failure.ts';

/** No invoice is as large; a larger file is not read at all. */
const largestBytes = 50 * 1024 * 1024;

/** The content of one named file, or in one line why there is none. */
export async function readInvoiceFile(
  file: string,
): Promise<{ bytes: Uint8Array } | { error: { code: string; message: string } }> {
  try {
    const facts = await stat(file);
    if (!facts.isFile()) return { error: { code: 'no-file', message: 'This is no file' } };
    if (facts.size > largestBytes) {
      return { error: { code: 'file-too-large', message: 'The file has more than 50 MiB: no invoice has' } };
    }
    return { bytes: await readFile(file) };
  } catch (error) {
    const missing = codeOf(error) === 'ENOENT';
    const message = missing ? 'There is no such file' : `The file cannot be read (${codeOf(error) ?? 'no reason'})`;
    return { error: { code: missing ? 'file-not-found' : 'file-unreadable', message } };
  }
}

import { readFile, stat } from 'node:fs/promises';
import { refuseLarge, type UnreadableInvoice, unreadable } from '../invoices/unreadable-invoice.ts';
import { codeOf } from './failure.ts';

/** The content of one named file, or in one line why there is none. A file that is too large is not read at all. */
export async function readInvoiceFile(file: string): Promise<{ bytes: Uint8Array } | { error: UnreadableInvoice }> {
  try {
    const facts = await stat(file);
    if (facts.isDirectory()) return unreadable('no-file', 'This is a folder; name the files in it');
    if (!facts.isFile()) return unreadable('no-file', 'This is no file');
    const large = refuseLarge({ length: facts.size });
    return large ? { error: large } : { bytes: await readFile(file) };
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT') return unreadable('file-not-found', 'There is no such file');
    return unreadable('file-unreadable', `The file cannot be read (${code ?? 'no reason'})`);
  }
}

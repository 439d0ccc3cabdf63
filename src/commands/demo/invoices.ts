import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { InvoiceParty } from '../../domain/invoice.ts';
import { readInvoices } from '../../invoices/read-invoices.ts';
import { CommandFailed } from '../command.ts';
import { lineOf } from '../failure.ts';
import { type ApiClient, Refused } from './api-client.ts';

export type InvoiceFile = { name: string; bytes: Uint8Array };

/** What came of a folder: counts of what was made, and the files that could not be read, with the reason. */
export type Imported = {
  files: number;
  dueDates: number;
  refused: { file: string; code: string; message: string }[];
  warnings: { file: string; message: string }[];
};

// Endings that invoice files come with; what they are is told by their content.
const endings = /\.(?:xml|p7m|pdf|json)$/i;

/** Every file of a folder that may be an invoice, by name. Throws CommandFailed when there is none. */
export async function readFolder(folder: string): Promise<InvoiceFile[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    throw new CommandFailed(`the folder of invoices cannot be read: ${lineOf(error)}`);
  });
  const files: InvoiceFile[] = [];
  for (const name of names.filter((each) => endings.test(each)).sort()) {
    files.push({ name, bytes: await readFile(path.join(folder, name)) });
  }
  if (files.length === 0) throw new CommandFailed(`no .xml, .p7m, .pdf or .json file in ${folder}`);
  return files;
}

/** Who wrote most of the invoices: the demo's tenant. */
export function mostFrequentSeller(files: readonly InvoiceFile[]): Pick<InvoiceParty, 'name' | 'email'> | undefined {
  const counts = new Map<string, { seller: InvoiceParty; count: number }>();
  for (const { bytes } of files) {
    const read = readInvoices(bytes);
    for (const { seller } of 'invoices' in read ? read.invoices : []) {
      counts.set(seller.name, { seller, count: (counts.get(seller.name)?.count ?? 0) + 1 });
    }
  }
  return [...counts.values()].sort((a, b) => b.count - a.count)[0]?.seller;
}

const report = z.object({ dueDates: z.array(z.string()), warnings: z.array(z.object({ message: z.string() })) });

/** Posts each file. One that is refused keeps none of the others out. */
export async function importFolder(
  api: ApiClient,
  files: readonly InvoiceFile[],
  progress: (file: string) => void,
): Promise<Imported> {
  const refused: Imported['refused'] = [];
  const warnings: Imported['warnings'] = [];
  const dueDates = new Set<string>();
  for (const { name, bytes } of files) {
    progress(name);
    try {
      const made = await api.send('POST', '/v1/invoices', report, { file: { name, bytes } });
      for (const ref of made.dueDates) dueDates.add(ref);
      warnings.push(...made.warnings.map(({ message }) => ({ file: name, message })));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      refused.push({ file: name, code: error.code, message: error.message });
    }
  }
  return { files: files.length - refused.length, dueDates: dueDates.size, refused, warnings };
}

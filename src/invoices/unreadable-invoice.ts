/**
 * Why a file gives no invoice. `path` names the field from the root, repeated elements counted from 1:
 * `FatturaElettronicaBody[1]/DatiPagamento[1]`.
 */
export type UnreadableInvoice = { code: string; message: string; path?: string };

/** The most that is taken of one file, as it comes and out of each envelope: 10 MiB. */
export const maxFileBytes = 10 * 1024 * 1024;

export function unreadable(code: string, message: string): { error: UnreadableInvoice } {
  return { error: { code, message } };
}

/** @param what is measured, as the subject of a sentence. */
export function refuseLarge(bytes: { readonly length: number }, what = 'The file'): UnreadableInvoice | undefined {
  if (bytes.length <= maxFileBytes) return undefined;
  const message = `${what} has ${bytes.length} bytes; at most ${maxFileBytes} are taken`;
  return { code: 'file-too-large', message };
}

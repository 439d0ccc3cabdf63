import { checkedValue, isProblem } from '../api/checked.ts';
import { invoiceInput } from '../api/invoices-input.ts';
import type { Invoice } from '../domain/invoice.ts';
import { type UnreadableInvoice, unreadable } from '../invoices/unreadable-invoice.ts';

/** Reads an invoice in the form that POST /v1/invoices takes as JSON. `path` is then a JSON Pointer (RFC 6901). */
export function readJsonInvoice(bytes: Uint8Array): { invoice: Invoice } | { error: UnreadableInvoice } {
  const text = decoded(bytes);
  if (text === undefined) return unreadable('encoding-wrong', 'The file is not in UTF-8, as JSON is');
  const json = parsed(text);
  if (!json) return unreadable('json-broken', 'The file is not well-formed JSON');
  try {
    return { invoice: checkedValue(invoiceInput, json.value) };
  } catch (error) {
    const [first, ...others] = isProblem(error) ? error.errors : [];
    if (!first) throw error;
    const more = others.length > 0 ? `; ${others.length} more` : '';
    return { error: { code: first.code, message: `The value ${first.message}${more}`, path: first.path || '/' } };
  }
}

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function parsed(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

import type { Invoice, InvoiceType, InvoiceWarning } from '../../domain/invoice.ts';
import { notLonger } from '../field.ts';

type Stated = { code: string | null; path: string; root: 'invoice' | 'creditNote' };

/**
 * What a document is, by its code of UNTDID 1001 (BT-3); without a code, or with one that nobody knows, what its root
 * element says. A credit note of UBL is one whatever its code says.
 */
export function documentTypeOf(
  { code, path, root }: Stated,
  warnings: InvoiceWarning[],
): Pick<Invoice, 'type' | 'typeCode'> {
  const typeCode = notLonger(code ?? (root === 'creditNote' ? '381' : '380'), 10, path).toUpperCase();
  const known = typesByCode.get(typeCode);
  if (known === undefined) {
    warnings.push({
      code: 'document-type-unknown',
      message: `The document type ${typeCode} is not known: read as ${root === 'creditNote' ? 'credit note' : 'invoice'}`,
    });
  }
  const type = root === 'creditNote' ? 'creditNote' : (known ?? 'invoice');
  if (type === 'selfInvoice') {
    warnings.push({ code: 'self-invoice', message: `${typeCode} is self-billed: the buyer has written it` });
  }
  if (typeCode === '325') {
    warnings.push({ code: 'pro-forma', message: '325 is a pro forma invoice: the invoice itself is another document' });
  }
  return { type, typeCode };
}

// The codes that EN 16931 takes (BR-CL-01) and those of its later lists. 384 (corrected), 386 (prepayment), 326 (partial),
// 393 (factored), 875 to 877 (construction) and 751 (the bookkeeping's copy, as Factur-X MINIMUM has it) ask for money as
// 380 does.
const typesByCode: ReadonlyMap<string, InvoiceType> = new Map([
  ...list('invoice', '71', '82', '102', '130', '202', '203', '204', '211', '218', '219', '295', '325', '326', '331'),
  ...list('invoice', '380', '382', '384', '385', '386', '387', '388', '390', '393', '394', '395', '456', '457', '472'),
  ...list('invoice', '553', '575', '623', '633', '751', '780', '817', '870', '875', '876', '877', '935'),
  ...list('creditNote', '81', '83', '261', '262', '296', '308', '381', '396', '420', '458', '502', '503', '532'),
  ...list('debitNote', '80', '84', '383'),
  ...list('selfInvoice', '389', '471', '473', '500', '501', '527'),
]);

function list(type: InvoiceType, ...codes: string[]): [string, InvoiceType][] {
  return codes.map((code) => [code, type]);
}

import { isDeepStrictEqual } from 'node:util';
import { stateOf } from '../domain/due-date.ts';
import { formatId } from '../domain/ids.ts';
import { amountDetail } from './due-dates-events.ts';
import type { DueDate } from './due-dates.ts';

/** What an import did to a due date: `field` and values as the API calls and shows them. `from` null: it was not there. */
export type DueDateChange = {
  readonly dueDate: string;
  readonly field: string;
  readonly from: FieldValue;
  readonly to: FieldValue;
};
type FieldValue = string | { value: string; currency: string } | null;

/** Of one that is new, only that it is there and what credit notes have taken off it already. */
export function changesOf(before: readonly DueDate[], after: readonly DueDate[]): DueDateChange[] {
  const known = new Map(before.map((dueDate) => [dueDate.id, dueDate]));
  return after.flatMap((dueDate) => {
    const old = known.get(dueDate.id);
    return Object.entries(fields).flatMap(([field, valueOf]): DueDateChange[] => {
      const [from, to] = [old ? valueOf(old) : null, valueOf(dueDate)];
      const isSaid = old ? !isDeepStrictEqual(from, to) : isSaidOfNew(field, dueDate);
      return isSaid ? [{ dueDate: dueDate.ref, field, from, to }] : [];
    });
  });
}

const fields: Readonly<Record<string, (dueDate: DueDate) => FieldValue>> = {
  state: stateOf,
  direction: ({ direction }) => direction,
  customer: ({ customerRef }) => customerRef,
  'document.number': ({ documentNumber }) => documentNumber,
  'document.date': ({ documentDate }) => documentDate,
  'document.type': ({ documentType }) => documentType,
  dueOn: ({ dueOn }) => dueOn,
  amount: ({ amount }) => amountDetail(amount),
  credited: ({ credited }) => amountDetail(credited),
  paymentMethod: ({ paymentMethod }) => paymentMethod,
  bankAccount: ({ bankAccountRef }) => bankAccountRef,
  // The document's id; null: one that we make.
  pdf: ({ ownDocumentId }) => ownDocumentId && formatId('document', ownDocumentId),
};

function isSaidOfNew(field: string, { credited }: DueDate): boolean {
  return field === 'state' || (field === 'credited' && credited.units > 0n);
}

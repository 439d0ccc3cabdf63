import { hash } from 'node:crypto';
import { epcQrPayload } from '../domain/epc-qr.ts';
import type { InlineImage } from '../domain/inline-image.ts';
import type { MessageFacts } from '../domain/message-facts.ts';
import { add, zero } from '../domain/money.ts';

/**
 * The square that pays all that is open in one transfer, or null where none could: no account, another currency than
 * the euro, nothing open, or a reference that is too long and would be cut. Drawn by whoever sends or shows the message.
 */
export function qrOf(facts: MessageFacts, reference: string): Extract<InlineImage, { kind: 'qr' }> | null {
  const { bankAccount, dueDates } = facts;
  const [first] = dueDates;
  if (!bankAccount || !first) return null;
  const { currency } = first.outstanding;
  if (dueDates.some((dueDate) => dueDate.outstanding.currency !== currency)) return null;
  const amount = dueDates.reduce((sum, dueDate) => add(sum, dueDate.outstanding), zero(currency));
  // What payer and payee read must be one: what had to be cut says less in the transfer than in the message.
  if (reference.endsWith('…')) return null;
  const payload = epcQrPayload({ ...bankAccount, amount, text: reference });
  if (payload === undefined || !payload.endsWith(`\n${reference}`)) return null;
  const name = hash('sha256', payload, 'hex').slice(0, 24);
  return { kind: 'qr', cid: `${name}@qr.sollecito`, name: 'qr.png', payload };
}

import { isSEPACountry } from 'ibantools';
import { formatUnits, type Money } from './money.ts';

/** What a payer's bank app reads from the square. Text fields may be of any length; they are cut to the standard's. */
export type EpcTransfer = {
  holder: string;
  /** Without spaces. */
  iban: string;
  bic: string | null;
  amount: Money;
  /** Four letters at most, ISO 20022 purpose. */
  purpose?: string;
  /** Either a structured reference (ISO 11649, at most 35), which no one may cut … */
  reference?: string;
  /** … or free text (at most 140). With both, the structured reference wins. */
  text?: string;
  information?: string;
};

/**
 * The text of an EPC QR code, "Quick Response Code: Guidelines to Enable Data Capture for the Initiation of a SEPA
 * Credit Transfer" (EPC069-12), version 002, UTF-8. To be drawn with error correction M, at most version 13.
 * @returns undefined when the standard has no code for it: not EUR, an account outside SEPA, outside 0.01 to
 * 999999999.99, no holder, or a structured reference that is too long.
 */
export function epcQrPayload(transfer: EpcTransfer): string | undefined {
  const { amount } = transfer;
  const holder = cut(transfer.holder, 70);
  if (amount.currency !== 'EUR' || amount.units < 1n || amount.units > 99_999_999_999n || holder === '')
    return undefined;
  if (!isSEPACountry(transfer.iban.slice(0, 2))) return undefined;
  const reference = oneLine(transfer.reference ?? '');
  if (reference.length > 35) return undefined;
  // With every field full of two-byte letters the lines pass 331 bytes: the free text gives way.
  for (let room = 140; room >= 0; room -= 1) {
    const payload = lines(transfer, holder, reference, room);
    if (Buffer.byteLength(payload, 'utf8') <= 331) return payload;
  }
  return undefined;
}

function lines(transfer: EpcTransfer, holder: string, reference: string, room: number): string {
  const all = [
    'BCD',
    '002',
    '1',
    'SCT',
    oneLine(transfer.bic ?? ''),
    holder,
    transfer.iban,
    `EUR${formatUnits(transfer.amount)}`,
    cut(transfer.purpose ?? '', 4),
    reference,
    reference === '' ? cut(transfer.text ?? '', room) : '',
    cut(transfer.information ?? '', 70),
  ];
  while (all.at(-1) === '') all.pop();
  return all.join('\n');
}

function cut(text: string, length: number): string {
  return Array.from(oneLine(text)).slice(0, length).join('').trimEnd();
}

// A line break inside a field would move every field after it.
function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

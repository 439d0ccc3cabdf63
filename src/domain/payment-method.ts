export type PaymentKind =
  | 'cash'
  | 'cheque'
  | 'transfer'
  | 'directDebit'
  | 'bankReceipt'
  | 'card'
  | 'slip'
  | 'setOff'
  | 'other';

/**
 * What a code of a payment method means for the one who waits for the money: FatturaPA's `MP01` to `MP23` (2.4.2.2
 * ModalitaPagamento), or EN 16931's (UNTDID 4461) `10`, `30`, `58`… Undefined for a code that neither list has, and for
 * words.
 */
export function paymentKind(method: string): PaymentKind | undefined {
  return kinds.get(method.trim().toUpperCase());
}

function all(kind: PaymentKind, ...codes: string[]): [string, PaymentKind][] {
  return codes.map((code) => [code, kind]);
}

const kinds: ReadonlyMap<string, PaymentKind> = new Map([
  ...all('cash', 'MP01', 'MP04', '10'),
  ...all('cheque', 'MP02', 'MP03', 'MP06', '20', '21', '22', '23', '24', '25', '26'),
  ...all('transfer', 'MP05', '30', '31', '42', '57', '58'),
  ...all('directDebit', 'MP09', 'MP10', 'MP11', 'MP16', 'MP17', 'MP19', 'MP20', 'MP21', '49', '59'),
  ...all('bankReceipt', 'MP12', '60', '61', '70'),
  ...all('card', 'MP08', '48', '54', '55'),
  ...all('slip', 'MP07', 'MP13', 'MP18', 'MP23', '50', '93'),
  ...all('setOff', 'MP22', '97'),
  ...all('other', 'MP14', 'MP15', '1', '68', 'ZZZ'),
]);

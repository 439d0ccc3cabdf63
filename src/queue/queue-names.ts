import type { Channel } from '../domain/delivery-facts.ts';
import type { DeliveryId } from '../domain/ids.ts';

export const channels: readonly Channel[] = ['email', 'sms'];
export const documentsQueue = 'documents';

/** A delivery's job, one for each dispatch: BullMQ ignores an id that it still keeps, so a row put back needs a new one. */
export function jobId(delivery: DeliveryId, dispatchNo: number): string {
  return `${delivery}-${dispatchNo}`;
}

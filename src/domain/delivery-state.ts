/**
 * The life of a delivery (one recipient of a reminder), and of the reminder over it.
 *
 *   accepted → queued → sending → sent → delivered → complained
 *
 * Everything that moves a delivery goes through `moves`: the store's statements take their allowed
 * starting points from here and nowhere else.
 */
export const deliveryStatuses = [
  'accepted',
  'queued',
  'sending',
  'retrying',
  'sent',
  'delivered',
  'bounced',
  'complained',
  'unknown',
  'failed',
  'skipped',
  'canceled',
] as const;

export type DeliveryStatus = (typeof deliveryStatuses)[number];

/** A reminder's status is one of its deliveries'. */
export type ReminderStatus = DeliveryStatus;

/** Who or what moves a delivery. */
export type Mover =
  | 'dispatch' // the dispatcher made a job of it
  | 'return' // its job is gone, or the claim put it off
  | 'claim' // the last look before the hand-over
  | 'prepare' // what could not be prepared, for good
  | 'settle' // the hand-over's outcome
  | 'lease' // a claim that nobody settled in time
  | 'report' // the provider's own later word
  | 'operator' // a person resolves an unknown
  | 'resend' // an unknown is sent again, by policy or by a person
  | 'restore' // an older backup was restored: it may have left since
  | 'cancel' // called off: by a person, or because it was paid
  | 'retry'; // a person wants it tried again

type Move = { readonly from: DeliveryStatus; readonly to: DeliveryStatus; readonly by: Mover };

export const moves: readonly Move[] = [
  { from: 'accepted', to: 'queued', by: 'dispatch' },
  { from: 'retrying', to: 'queued', by: 'dispatch' },
  { from: 'queued', to: 'accepted', by: 'return' },
  { from: 'queued', to: 'sending', by: 'claim' },
  { from: 'queued', to: 'skipped', by: 'claim' },
  { from: 'queued', to: 'failed', by: 'prepare' },
  { from: 'sending', to: 'sent', by: 'settle' },
  { from: 'sending', to: 'retrying', by: 'settle' },
  { from: 'sending', to: 'failed', by: 'settle' },
  { from: 'sending', to: 'unknown', by: 'settle' },
  { from: 'sending', to: 'unknown', by: 'lease' },
  // The truth may come after the lease, even when it is on its way again: an answer that was only slow still counts.
  { from: 'accepted', to: 'sent', by: 'settle' },
  { from: 'queued', to: 'sent', by: 'settle' },
  { from: 'unknown', to: 'sent', by: 'settle' },
  { from: 'unknown', to: 'retrying', by: 'settle' },
  { from: 'unknown', to: 'failed', by: 'settle' },
  { from: 'sending', to: 'delivered', by: 'report' },
  { from: 'sending', to: 'bounced', by: 'report' },
  { from: 'unknown', to: 'sent', by: 'report' },
  { from: 'unknown', to: 'delivered', by: 'report' },
  { from: 'unknown', to: 'bounced', by: 'report' },
  { from: 'unknown', to: 'failed', by: 'report' },
  { from: 'sent', to: 'delivered', by: 'report' },
  { from: 'sent', to: 'bounced', by: 'report' },
  { from: 'sent', to: 'complained', by: 'report' },
  { from: 'delivered', to: 'bounced', by: 'report' },
  { from: 'delivered', to: 'complained', by: 'report' },
  { from: 'unknown', to: 'sent', by: 'operator' },
  { from: 'unknown', to: 'failed', by: 'operator' },
  { from: 'unknown', to: 'accepted', by: 'resend' },
  { from: 'accepted', to: 'unknown', by: 'restore' },
  { from: 'queued', to: 'unknown', by: 'restore' },
  { from: 'sending', to: 'unknown', by: 'restore' },
  { from: 'retrying', to: 'unknown', by: 'restore' },
  { from: 'accepted', to: 'canceled', by: 'cancel' },
  { from: 'queued', to: 'canceled', by: 'cancel' },
  { from: 'retrying', to: 'canceled', by: 'cancel' },
  // An earlier hand-over of it may have been taken: what ends it leaves that open.
  { from: 'accepted', to: 'unknown', by: 'cancel' },
  { from: 'queued', to: 'unknown', by: 'cancel' },
  { from: 'retrying', to: 'unknown', by: 'cancel' },
  { from: 'queued', to: 'unknown', by: 'claim' },
  { from: 'queued', to: 'unknown', by: 'prepare' },
  { from: 'failed', to: 'accepted', by: 'retry' },
  { from: 'skipped', to: 'accepted', by: 'retry' },
  { from: 'canceled', to: 'accepted', by: 'retry' },
];

/** The statuses from which `by` may move a delivery to `to`. */
export function sourcesOf(to: DeliveryStatus, by: Mover): DeliveryStatus[] {
  return moves.filter((move) => move.to === to && move.by === by).map((move) => move.from);
}

/** Not yet with a provider, and still on its way there. */
export const pendingStatuses: readonly DeliveryStatus[] = ['accepted', 'queued', 'retrying'];

/** A provider has taken it, whatever came of it later. */
export const takenStatuses: readonly DeliveryStatus[] = ['sent', 'delivered', 'bounced', 'complained'];

/** Ended without a provider having taken it. */
export const untakenStatuses: readonly DeliveryStatus[] = ['failed', 'skipped', 'canceled'];

/**
 * Which delivery speaks for the reminder: the first of these that any of them has. Work under way comes
 * before doubt, doubt before the best that was reached. PostgreSQL holds the same list
 * (`reminder_status` in the migrations); a test compares the two.
 */
export const statusPrecedence: readonly DeliveryStatus[] = [
  'sending',
  'queued',
  'retrying',
  'accepted',
  'unknown',
  'delivered',
  'sent',
  'complained',
  'bounced',
  'failed',
  'skipped',
  'canceled',
];

/** @param deliveries 1 to 10 statuses. */
export function reminderStatus(deliveries: readonly DeliveryStatus[]): ReminderStatus {
  const status = statusPrecedence.find((candidate) => deliveries.includes(candidate));
  if (!status) throw new Error('a reminder has at least one delivery');
  return status;
}

/** What a reminder's one unit of quota is: held, spent, or given back. */
export type QuotaState = 'reserved' | 'used' | 'released';

/** Used as soon as a provider has taken one delivery; given back when all ended untaken; else kept. */
export function quotaStateOf(deliveries: readonly DeliveryStatus[]): QuotaState {
  if (deliveries.some((status) => takenStatuses.includes(status))) return 'used';
  return deliveries.every((status) => untakenStatuses.includes(status)) ? 'released' : 'reserved';
}

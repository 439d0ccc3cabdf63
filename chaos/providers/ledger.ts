import { z } from 'zod';

// What the providers' process says, on stdout, over its control port and in its ledger file (one Line a line). The run
// judges by it, so every word of it stands here.

export const channelSchema = z.enum(['email', 'sms']);
export type Channel = z.infer<typeof channelSchema>;

/** Strike a new connection, before anything is known of a message. */
export const greetingFaults = ['greeting-421', 'greeting-554', 'greeting-drop'] as const;
export type GreetingFault = (typeof greetingFaults)[number];
/** Strike MAIL, where only the delivery is known (from the return path). */
export const senderFaults = ['mail-452', 'mail-553'] as const;
export type SenderFault = (typeof senderFaults)[number];
/**
 * Strike from RCPT on. The client is left in doubt by the two drops of a body and `silence-lost` (not taken), by
 * `drop-after-dot` and `silence-taken` (taken), and by `late` (taken) where it does not wait for the answer.
 */
export const messageFaults = [
  'rcpt-450',
  'rcpt-550',
  'data-451',
  'data-554',
  'data-silence',
  'drop-at-body',
  'drop-in-body',
  'dot-451',
  'dot-554',
  'drop-after-dot',
  'silence-taken',
  'silence-lost',
  'late',
] as const;
export type MessageFault = (typeof messageFaults)[number];
/** What `-taken`, `drop-after` and `late` strike was taken. */
export const smsFaults = [
  'http-429',
  'http-500',
  'http-500-taken',
  'error-201',
  'error-13',
  'drop-before',
  'drop-after',
  'silence-taken',
  'late',
] as const;
export type SmsFault = (typeof smsFaults)[number];

/** `ordinary` is none. */
export const faultSchema = z.enum([
  'ordinary',
  ...new Set([...greetingFaults, ...senderFaults, ...messageFaults, ...smsFaults]),
]);
export type Fault = z.infer<typeof faultSchema>;

export const phaseSchema = z.enum(['up', 'down', 'slow']);
export type Phase = z.infer<typeof phaseSchema>;

/** Epoch milliseconds of this machine's clock. */
const instant = z.int().positive();

/**
 * One message that a provider really took, for one recipient. The same `delivery` and `recipient` twice is a double,
 * unless `generation` differs. Ids stand as they do in the API (`rem_…`, `dlv_…`), null where the message named none.
 */
export const takenSchema = z.object({
  kind: z.literal('taken'),
  channel: channelSchema,
  /** From X-Sollecito-Reminder; an SMS names only its delivery. */
  reminder: z.string().nullable(),
  /** From the return path, or from the idx. */
  delivery: z.string().nullable(),
  /** An address, or `+` and digits. */
  recipient: z.string(),
  /** When it was taken: the final dot, or the end of the request. */
  at: instant,
  /** Which repeat by decision: from the Message-ID, or from the idx. */
  generation: z.int().nonnegative().nullable(),
  /** X-Sollecito-Resend; 0 without it. */
  resend: z.int().nonnegative(),
  messageId: z.string().nullable(),
  idx: z.string().nullable(),
  fault: faultSchema,
  /** The exchange that brought it. */
  exchange: z.int(),
});
export type Taken = z.infer<typeof takenSchema>;

/**
 * How far an exchange came, each including those before it. Email: `connected` (nothing of a message yet), `envelope`
 * (MAIL was read), `dataBegan` (354 was said: from here on the client may be in doubt), `received` (the final dot).
 * SMS: `connected`, then `received` (the whole request).
 */
export const reachedSchema = z.enum(['connected', 'envelope', 'dataBegan', 'received']);

/**
 * One try to hand a message over, or a connection that was turned away at its greeting. A connection that carried no
 * message and met no fault is none.
 */
export const exchangeSchema = z.object({
  kind: z.literal('exchange'),
  id: z.int(),
  channel: channelSchema,
  delivery: z.string().nullable(),
  recipient: z.string().nullable(),
  /** How many times that recipient's messages had come, this one included; 0 when it never came to the recipient. */
  attempt: z.int().nonnegative(),
  at: instant,
  /** Null: still open (the file never holds such a one). */
  endedAt: instant.nullable(),
  fault: faultSchema,
  phase: phaseSchema,
  reached: reachedSchema,
  /** SMTP's last reply code, or the HTTP status; null when none was given after that point. */
  answer: z.int().nullable(),
  /** SMSAPI's own error number, inside the answer. */
  error: z.int().nullable(),
  /** `answered`: by `answer`. `dropped`: by the provider (fault, outage or its end). `left`: the client went. */
  end: z.enum(['open', 'answered', 'dropped', 'left']),
  taken: z.boolean(),
  /** An idx that had been taken before: not taken again. */
  repeated: z.boolean(),
});
export type Exchange = z.infer<typeof exchangeSchema>;

export const phaseChangeSchema = z.object({
  kind: z.literal('phase'),
  channel: channelSchema,
  phase: phaseSchema,
  at: instant,
});
export type PhaseChange = z.infer<typeof phaseChangeSchema>;

/** A line of the ledger file. */
export const ledgerEntrySchema = z.discriminatedUnion('kind', [takenSchema, exchangeSchema, phaseChangeSchema]);
export type LedgerEntry = z.infer<typeof ledgerEntrySchema>;

/** `GET /ledger`: everything so far, open exchanges included. */
export const ledgerSchema = z.object({
  taken: z.array(takenSchema),
  exchanges: z.array(exchangeSchema),
  phases: z.array(phaseChangeSchema),
});

/** `GET /ledger?counts`. */
export const countsSchema = z.record(
  channelSchema,
  z.object({
    taken: z.int(),
    exchanges: z.int(),
    open: z.int(),
    faults: z.partialRecord(faultSchema, z.int()),
  }),
);

/** The one line on stdout at start. */
export const readySchema = z.object({ smtpPort: z.int(), smsapiPort: z.int(), controlPort: z.int() });

/** `POST /phase`. `POST /calm` takes nothing. */
export const phaseOrderSchema = z.object({ channel: channelSchema, phase: phaseSchema });

import { formatId, type DueDateId, type ReminderId } from '../../domain/ids.ts';

/** One message of ours: which reminder's, to which of its recipients, and which repeat by decision. */
export type MessageRef = { readonly reminderId: ReminderId; readonly position: number; readonly generation: number };

/** What a message goes on about, and what was last taken for the same recipient and due date. */
export type Thread = { readonly rootDueDateId: DueDateId; readonly previous: MessageRef | null };

/** The headers that hold the messages about one due date together. */
export type ThreadHeaders = {
  readonly references: readonly string[];
  readonly inReplyTo: string | null;
  readonly threadIndex: string | null;
};

/** The Message-ID, with its angle brackets: from the reminder's id, so that every try of a message has the same. */
export function messageIdOf({ reminderId, position, generation }: MessageRef, domain: string): string {
  return `<${formatId('reminder', reminderId)}.${position}.${generation}@${domain}>`;
}

/**
 * Mail programs thread by References (Apple Mail, Thunderbird; Gmail too, as long as the subjects are alike), Outlook by
 * its own Thread-Index. All of a due date's messages refer to one root, which stands for the due date and was never
 * sent, so they hold together even where one in between is missing (RFC 5322 §3.6.4 asks for no more than unique ids).
 * The first one replies to nothing: it would look like an answer.
 */
export function threadHeaders(thread: Thread | null, domain: string): ThreadHeaders {
  if (thread === null) return { references: [], inReplyTo: null, threadIndex: null };
  const { rootDueDateId, previous } = thread;
  const inReplyTo = previous && messageIdOf(previous, domain);
  const root = `<${formatId('dueDate', rootDueDateId)}.thread@${domain}>`;
  return {
    references: inReplyTo === null ? [root] : [root, inReplyTo],
    inReplyTo,
    threadIndex: threadIndexOf(rootDueDateId),
  };
}

// From 1601 (FILETIME) to 1970, in milliseconds.
const filetimeEpoch = 11_644_473_600_000n;

/**
 * Outlook's conversation index ([MS-OXOMSG] §2.2.1.3): a 1, the middle of a FILETIME, and the conversation's GUID, by
 * which alone it groups. Here the due date's UUID, and the time that it carries (UUIDv7: its first 48 bits).
 */
function threadIndexOf(dueDate: DueDateId): string {
  const guid = Buffer.from(dueDate.replaceAll('-', ''), 'hex');
  const madeAt = BigInt(guid.readUIntBE(0, 6));
  const filetime = Buffer.alloc(8);
  filetime.writeBigUInt64BE((madeAt + filetimeEpoch) * 10_000n);
  // Its first byte is always 1 in our time; the last two are too fine to be kept.
  return Buffer.concat([filetime.subarray(0, 6), guid]).toString('base64');
}

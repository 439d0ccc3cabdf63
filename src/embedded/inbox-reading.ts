import { simpleParser, type Attachment, type ParsedMail } from 'mailparser';
import type { InboxMessage } from './inbox.ts';

export interface MessageSummary {
  readonly id: string;
  /** As the header has it: `Rossi S.r.l. <rossi@example.com>`. */
  readonly from: string;
  /** The envelope's recipients: bare addresses. */
  readonly to: readonly string[];
  readonly subject: string;
  /** RFC 3339; the header's, else when it arrived. */
  readonly date: string;
  readonly attachments: readonly { readonly name: string; readonly bytes: number }[];
}

export interface MessageDetail extends MessageSummary {
  readonly html: string | null;
  readonly text: string | null;
  /** By lower-case name; several of one name make a list. */
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly envelope: InboxMessage['envelope'];
  readonly raw: string;
}

const summaries = new WeakMap<InboxMessage, MessageSummary>();

/** Reads a message for a list. Parsed once: a list of thousands is asked for again and again. */
export async function summarise(message: InboxMessage): Promise<MessageSummary> {
  const known = summaries.get(message);
  if (known) return known;
  const summary = summaryOf(message, await parse(message));
  summaries.set(message, summary);
  return summary;
}

export async function readDetail(message: InboxMessage): Promise<MessageDetail> {
  const mail = await parse(message);
  return {
    ...summaryOf(message, mail),
    html: mail.html || null,
    text: mail.text ?? null,
    headers: headersOf(mail),
    envelope: message.envelope,
    raw: message.raw.toString('utf8'),
  };
}

/** The HTML with its inline images in it, as a mail program would show it; null without an HTML part. */
export async function readHtml(message: InboxMessage): Promise<string | null> {
  const mail = await simpleParser(message.raw, { skipHtmlToText: true, skipTextToHtml: true });
  return mail.html || null;
}

/** The nth attachment, from 0. */
export async function readAttachment(message: InboxMessage, index: number): Promise<Attachment | undefined> {
  return filesOf(await parse(message))[index];
}

export function attachmentName(attachment: Attachment, index: number): string {
  return attachment.filename ?? `attachment-${index + 1}`;
}

function parse(message: InboxMessage): Promise<ParsedMail> {
  return simpleParser(message.raw, { skipHtmlToText: true, skipTextToHtml: true, skipImageLinks: true });
}

function summaryOf(message: InboxMessage, mail: ParsedMail): MessageSummary {
  return {
    id: message.id,
    from: mail.from?.text ?? message.envelope.from,
    to: message.envelope.to,
    subject: mail.subject ?? '',
    date: (mail.date ?? message.receivedAt).toISOString(),
    attachments: filesOf(mail).map((attachment, index) => ({
      name: attachmentName(attachment, index),
      bytes: attachment.content.length,
    })),
  };
}

// An image that the HTML shows is part of the text, not a file that came with it.
function filesOf(mail: ParsedMail): Attachment[] {
  return mail.attachments.filter(({ related }) => !related);
}

function headersOf(mail: ParsedMail): Record<string, string | string[]> {
  const headers = new Map<string, string[]>();
  for (const { key, line } of mail.headerLines) {
    const value = line
      .slice(line.indexOf(':') + 1)
      .replace(/\r?\n(?=[ \t])/g, '')
      .trim();
    headers.set(key, [...(headers.get(key) ?? []), value]);
  }
  return Object.fromEntries(
    [...headers].map(([name, values]) => [name, values.length === 1 ? (values[0] ?? '') : values]),
  );
}

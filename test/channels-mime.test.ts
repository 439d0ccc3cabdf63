import { createHash } from 'node:crypto';
import { simpleParser } from 'mailparser';
import { describe, expect, test } from 'vitest';
import {
  assembleMime,
  attachmentsOf,
  buildMime,
  encodeAttachment,
  type MimeEmail,
} from '../src/channels/email/mime.ts';

const bytes = Buffer.from(Array.from({ length: 1_000 }, (_, i) => i % 256));
const sha256 = createHash('sha256').update(bytes).digest('hex');
const encoded = new Map([[sha256, encodeAttachment(bytes)]]);

function email(over: Partial<MimeEmail> = {}): MimeEmail {
  return {
    messageId: '<rem_1.dlv_1@example.it>',
    date: new Date('2026-04-14T08:00:00Z'),
    from: { name: 'Officine Rossi è "S.r.l."', address: 'fatture@example.it' },
    to: ['a@example.it'],
    cc: ['b@example.it'],
    replyTo: 'amministrazione@example.it',
    references: [],
    inReplyTo: null,
    subject: 'Perché 10 €',
    html: '<p>È scaduta</p>\n',
    text: 'È scaduta\n.\n-- \nRossi\n',
    headers: { 'X-Reference': 'rem_1' },
    inlineImages: [],
    attachments: [{ name: 'fattura è 12.pdf', mediaType: 'application/pdf', sha256, bytes }],
    ...over,
  };
}

const square = {
  cid: 'square@qr',
  name: 'qr.png',
  mediaType: 'image/png',
  bytes: Buffer.from('a small image'),
  keptAs: null,
};

/** The tree of parts as `type(child, child)`, and `!` for what is inline, `+` for an attachment. */
function treeOf(part: string): string {
  const [head = ''] = part.split('\r\n\r\n');
  const type = /Content-Type: ([\w/+-]+)/i.exec(head)?.[1] ?? 'none';
  const boundary = /boundary="([^"]+)"/.exec(head)?.[1];
  const mark = /Content-Disposition: inline/i.test(head)
    ? '!'
    : /Content-Disposition: attachment/i.test(head)
      ? '+'
      : '';
  if (boundary === undefined) return type + mark;
  const children = part.slice(part.indexOf('\r\n\r\n')).split(`--${boundary}`).slice(1, -1);
  return `${type}(${children.map((child) => treeOf(child.replace(/^\r\n/, ''))).join(', ')})`;
}

describe('a message', () => {
  test('reads back as it was written', async () => {
    const { skeleton } = await buildMime(email());
    const parsed = await simpleParser(assembleMime(skeleton, encoded));
    expect(parsed.subject).toBe('Perché 10 €');
    expect(parsed.from?.value).toEqual([{ name: 'Officine Rossi è "S.r.l."', address: 'fatture@example.it' }]);
    expect(parsed.messageId).toBe('<rem_1.dlv_1@example.it>');
    expect(parsed.date).toEqual(new Date('2026-04-14T08:00:00Z'));
    expect(parsed.headers.get('auto-submitted')).toBe('auto-generated');
    expect(parsed.headers.get('x-reference')).toBe('rem_1');
    expect([...parsed.headers.keys()].filter((key) => key.startsWith('list') || key === 'bcc')).toEqual([]);
    expect(parsed.replyTo?.text).toBe('amministrazione@example.it');
    expect(parsed.text).toBe('È scaduta\n.\n-- \nRossi\n');
    expect(parsed.html).toContain('<p>È scaduta</p>');
    expect(parsed.attachments).toMatchObject([{ filename: 'fattura è 12.pdf', contentType: 'application/pdf' }]);
    expect(parsed.attachments[0]?.content).toEqual(bytes);
  });

  test('shows what looks like an encoded word as it stands, and lets none of it become a header', async () => {
    const word = '=?utf-8?Q?a=0D=0ABcc:_x@example.org?=';
    const { skeleton } = await buildMime(
      email({
        subject: `Fattura ${word}`,
        from: { name: `Rossi ${word}\r\nBcc: x@example.org`, address: 'fatture@example.it' },
        attachments: [{ name: `${word}.pdf`, mediaType: 'application/pdf', sha256, bytes }],
      }),
    );
    const parsed = await simpleParser(assembleMime(skeleton, encoded));
    const shown = word.replace('=?', '= ?');
    expect(parsed.subject).toBe(`Fattura ${shown}`);
    expect(parsed.from?.value).toEqual([{ name: `Rossi ${shown} Bcc: x@example.org`, address: 'fatture@example.it' }]);
    expect(parsed.attachments[0]?.filename).toBe(`${shown}.pdf`);
    expect(parsed.headers.has('bcc')).toBe(false);
  });

  test('is the same bytes for the same input', async () => {
    expect((await buildMime(email())).skeleton).toEqual((await buildMime(email())).skeleton);
    expect((await buildMime(email({ messageId: '<x@example.it>' }))).skeleton).not.toEqual(
      (await buildMime(email())).skeleton,
    );
  });

  test('is kept without its attachment and names it by its SHA-256', async () => {
    const { skeleton } = await buildMime(email());
    expect(attachmentsOf(skeleton)).toEqual([sha256]);
    expect(skeleton.includes(encodeAttachment(bytes).slice(0, 76))).toBe(false);
    expect(() => assembleMime(skeleton, new Map())).toThrow('belong together');
  });

  test('with two attachments has both, in their order', async () => {
    const second = Buffer.from('%PDF-1.7 second');
    const other = createHash('sha256').update(second).digest('hex');
    const pdf = 'application/pdf';
    const attachments = [
      { name: '1.pdf', mediaType: pdf, sha256, bytes },
      { name: '2.pdf', mediaType: pdf, sha256: other, bytes: second },
      { name: '3.pdf', mediaType: pdf, sha256, bytes },
    ];
    const { skeleton } = await buildMime(email({ attachments }));
    expect(attachmentsOf(skeleton)).toEqual([sha256, other, sha256]);
    const parsed = await simpleParser(assembleMime(skeleton, new Map([...encoded, [other, encodeAttachment(second)]])));
    expect(parsed.attachments.map(({ filename }) => filename)).toEqual(['1.pdf', '2.pdf', '3.pdf']);
    expect(parsed.attachments.map(({ content }) => content)).toEqual([bytes, second, bytes]);
  });

  test('without an attachment is whole at once', async () => {
    const { skeleton } = await buildMime(email({ attachments: [] }));
    expect(attachmentsOf(skeleton)).toEqual([]);
    expect(assembleMime(skeleton, new Map())).toEqual(skeleton);
    expect((await simpleParser(skeleton)).attachments).toEqual([]);
  });

  test('shows images inside its HTML, which are no attachments of it', async () => {
    const html = '<p><img src="cid:square@qr" alt="x"></p>';
    const { skeleton } = await buildMime(email({ html, inlineImages: [square] }));
    expect(treeOf(skeleton.toString())).toBe(
      'multipart/mixed(multipart/alternative(text/plain, multipart/related(text/html, image/png!)), application/pdf+)',
    );
    expect(attachmentsOf(skeleton)).toEqual([sha256]);
    const parsed = await simpleParser(assembleMime(skeleton, encoded));
    expect(parsed.html).toContain(`src="data:image/png;base64,${square.bytes.toString('base64')}"`);
    expect(parsed.attachments.map(({ cid, related, filename }) => [cid, related === true, filename])).toEqual([
      ['square@qr', true, 'qr.png'],
      [undefined, false, 'fattura è 12.pdf'],
    ]);
  });

  test('without attachments has its images beside its HTML all the same', async () => {
    const { skeleton } = await buildMime(email({ inlineImages: [square], attachments: [] }));
    expect(treeOf(skeleton.toString())).toBe(
      'multipart/alternative(text/plain, multipart/related(text/html, image/png!))',
    );
    expect(attachmentsOf(skeleton)).toEqual([]);
  });

  test('is kept without an image that is kept elsewhere, even if that is also attached', async () => {
    const logo = { ...square, cid: 'logo@here', name: 'logo.png', bytes, keptAs: sha256 };
    const { skeleton } = await buildMime(email({ inlineImages: [square, logo] }));
    expect(attachmentsOf(skeleton)).toEqual([sha256, sha256]);
    const parsed = await simpleParser(assembleMime(skeleton, encoded));
    expect(parsed.attachments.map(({ filename }) => filename)).toEqual(['qr.png', 'logo.png', 'fattura è 12.pdf']);
    expect(parsed.attachments.map(({ content }) => content)).toEqual([square.bytes, bytes, bytes]);
  });

  test('goes on about what came before', async () => {
    const references = ['<due_1.thread@example.it>', '<rem_0.0.0@example.it>'];
    const { skeleton } = await buildMime(email({ references, inReplyTo: '<rem_0.0.0@example.it>' }));
    const parsed = await simpleParser(skeleton);
    expect(parsed.references).toEqual(references);
    expect(parsed.inReplyTo).toBe('<rem_0.0.0@example.it>');
    expect((await buildMime(email())).skeleton.toString()).not.toMatch(/^(References|In-Reply-To):/m);
  });

  test('whose text imitates the marker is not taken for one with an attachment', async () => {
    const text = `\n==attachment sha256:${'0'.repeat(64)}==\n`;
    expect(attachmentsOf((await buildMime(email({ attachments: [], text, html: text }))).skeleton)).toEqual([]);
    expect(attachmentsOf((await buildMime(email({ text, html: text }))).skeleton)).toEqual([sha256]);
  });

  test('takes no line break from a name, a subject or a file name into its headers', async () => {
    const { skeleton } = await buildMime(
      email({
        subject: 'a\r\nBcc: x@example.it',
        from: { name: 'b\r\nBcc: x@example.it', address: 'fatture@example.it' },
        attachments: [{ name: 'c\r\nX-Evil: 1.pdf', mediaType: 'application/pdf', sha256, bytes }],
      }),
    );
    expect(skeleton.toString('latin1')).not.toMatch(/^(?:Bcc|X-Evil):/m);
  });

  test('has only lines that SMTP allows', async () => {
    const { skeleton } = await buildMime(email({ html: `<p>${'à'.repeat(5_000)}</p>`, text: 'x'.repeat(5_000) }));
    const lines = assembleMime(skeleton, encoded).toString('latin1').split('\r\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(78);
    expect(lines.join('')).not.toMatch(/[\r\n]|[^\t\x20-\x7E]/);
  });

  test('with bytes that are not those of its SHA-256 is a bug', async () => {
    const attachment = { name: 'a.pdf', mediaType: 'application/pdf', sha256: '0'.repeat(64), bytes };
    await expect(buildMime(email({ attachments: [attachment] }))).rejects.toThrow('SHA-256');
  });
});

test.each([0, 1, 56, 57, 58, 114, 1_000])('an attachment of %i bytes is base64 in lines of 76', (length) => {
  const encoded = encodeAttachment(bytes.subarray(0, length));
  expect(Buffer.from(encoded, 'base64')).toEqual(bytes.subarray(0, length));
  expect(encoded.split('\r\n').every((line) => line.length <= 76)).toBe(true);
});

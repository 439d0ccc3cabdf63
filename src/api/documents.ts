import { z } from 'zod';
import { type DueDateId, formatId } from '../domain/ids.ts';
import { pdfFault } from '../domain/due-date-document.ts';
import type { Queryable } from '../store/database.ts';
import { revokeDocumentLinks } from '../store/document-links.ts';
import { findCurrentDocument, keepOwn, type StoredDocument } from '../store/documents.ts';
import { remindersInFlight } from '../store/due-dates-in-flight.ts';
import { findDueDateId } from '../store/due-dates.ts';
import { changeOf, noSuchDueDate } from './due-dates-find.ts';
import { inFlightJson, inFlightReply } from './due-dates-reply.ts';
import { ifMatchHeader } from './etag.ts';
import { largeBody, operation, type Reply } from './operation.ts';
import { Problem } from './problems.ts';
import { refParams } from './schemas.ts';

const tag = 'Documents';

const getPdf = operation({
  method: 'get',
  path: '/v1/due-dates/{ref}/pdf',
  id: 'getPdf',
  tag,
  summary: 'The document that goes with a due date',
  description:
    "The caller's own PDF, else the one that came with the invoice, else the invoice as a page, else a payment statement. Ours is made when it is first asked for, and made again only when something that shows in it has changed.",
  scope: 'data:read',
  params: refParams,
  requestHeaders: { 'if-none-match': { required: false, description: 'The ETag that was read: 304 when it stands' } },
  replyHeaders: ['ETag', 'Content-Disposition'],
  replies: {
    200: { description: 'The PDF', mediaType: 'application/pdf' },
    304: { description: 'It is as it was' },
  },
  problems: ['not-found', 'unavailable'],
  handle: async ({ parts, caller, params, header }) => {
    const found = await parts.database.tenantTransaction(caller.tenant, async (client) => {
      const id = await findDueDateId(client, params.ref);
      if (!id) throw noSuchDueDate();
      return { id, document: await findCurrentDocument(client, id) };
    });
    // Outside the transaction: a rendering takes its time, and no lock or connection waits for it.
    const document = found.document ?? (await parts.documents.documentFor(caller.tenant, found.id));
    const headers = { ETag: tagOf(document), 'Content-Disposition': disposition(document) };
    if (tagsOf(header('if-none-match')).some((known) => known === '*' || known === tagOf(document))) {
      return { status: 304, headers, empty: true };
    }
    return { status: 200, headers, bytes: document.bytes, mediaType: document.mediaType };
  },
});

const documentReply = z.strictObject({
  id: z.string(),
  name: z.string(),
  mediaType: z.string(),
  bytes: z.int(),
  sha256: z.string().describe('Lower-case hex'),
});

const putPdf = operation({
  method: 'put',
  path: '/v1/due-dates/{ref}/pdf',
  id: 'putPdf',
  tag,
  summary: "Puts the caller's own PDF in the place of ours",
  scope: 'data:write',
  params: refParams,
  takesBytes: ['application/pdf'],
  bodyLimit: largeBody,
  requestHeaders: ifMatchHeader,
  replyHeaders: ['ETag'],
  replies: { 200: { description: 'Kept', schema: documentReply.extend({ inFlight: inFlightReply }) } },
  problems: ['not-found', 'precondition-failed', 'unreadable-document'],
  handle: async ({ parts, caller, params, raw, header }) => {
    const fault = pdfFault(raw);
    if (fault) throw unreadable(fault);
    return parts.database.tenantTransaction(caller.tenant, async (client) => {
      const kept = await keepOwn(client, changeOf({ parts, caller }), {
        dueDate: params.ref,
        bytes: raw,
        check: (current) => current && requireDocument(client, header('if-match'), current.id),
      });
      if (!kept) throw noSuchDueDate();
      const inFlight = kept.changed ? (await remindersInFlight(client, [kept.dueDate.id])).get(kept.dueDate.id) : [];
      return reply(kept.document, inFlightJson(inFlight));
    });
  },
});

const deleteLinks = operation({
  method: 'delete',
  path: '/v1/due-dates/{ref}/document-links',
  id: 'deleteDocumentLinks',
  tag,
  summary: 'Makes the links that were sent by SMS worthless',
  description:
    "Every link to this due date's documents that has left so far; a message that leaves afterwards carries a new one. Other instalments that share the document lose theirs with it.",
  scope: 'data:write',
  params: refParams,
  replies: { 204: { description: 'Done' } },
  problems: ['not-found'],
  handle: async ({ parts, caller, params }) => {
    await parts.database.tenantTransaction(caller.tenant, async (client) => {
      if (!(await revokeDocumentLinks(client, changeOf({ parts, caller }), params.ref))) throw noSuchDueDate();
    });
    return { status: 204, empty: true };
  },
});

export const documentOperations = [getPdf, putPdf, deleteLinks];

async function requireDocument(client: Queryable, ifMatch: string | undefined, dueDate: DueDateId): Promise<void> {
  if (ifMatch === undefined) return;
  const current = await findCurrentDocument(client, dueDate);
  const tags = tagsOf(ifMatch);
  if (current && (tags.includes('*') || tags.includes(tagOf(current)))) return;
  throw new Problem('precondition-failed', 'The document is another one now; read it again before replacing it.');
}

function unreadable(fault: 'empty' | 'no-header' | 'no-end'): Problem {
  const message = {
    empty: 'is empty',
    'no-header': 'does not begin with %PDF-',
    'no-end': 'is cut off: startxref and %%EOF are missing at its end',
  }[fault];
  return new Problem('unreadable-document', `The document ${message}.`, {
    errors: [{ path: '', code: fault, message }],
  });
}

function reply(document: StoredDocument, inFlight: string[]): Reply {
  const { name, mediaType, sha256, bytes } = document;
  const json = { id: formatId('document', document.id), name, mediaType, bytes: bytes.length, sha256, inFlight };
  return { status: 200, headers: { ETag: tagOf(document) }, json };
}

function tagOf({ sha256 }: StoredDocument): string {
  return `"${sha256}"`;
}

function tagsOf(header: string | undefined): string[] {
  return header === undefined ? [] : header.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
}

// The name is plain ASCII without quotes (documentName).
function disposition({ name }: StoredDocument): string {
  return `inline; filename="${name.replaceAll(/[^\w.-]/g, '-')}"`;
}

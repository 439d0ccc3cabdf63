import { createHash } from 'node:crypto';
import { documentName } from '../domain/due-date-document.ts';
import { asId, type BankAccountId, type DocumentId, type DueDateId, newId, type TenantId } from '../domain/ids.ts';
import type { Queryable } from './database.ts';
import { type Change, recordDueDateEvents } from './due-dates-events.ts';
import { type DueDate, lockDueDates } from './due-dates.ts';

/** A document as it leaves: stored once, never changed. `sha256` is lower-case hex. */
export type StoredDocument = {
  readonly id: DocumentId;
  readonly dueDateId: DueDateId;
  readonly origin: 'rendered' | 'uploaded' | 'invoice';
  readonly name: string;
  readonly mediaType: string;
  readonly sha256: string;
  readonly bytes: Uint8Array;
  /** See document-link in the domain. */
  readonly linkEpoch: number;
};

export async function findDocument(client: Queryable, id: DocumentId): Promise<StoredDocument | undefined> {
  const { rows } = await client.query<DocumentRow>(`SELECT ${columns} FROM sollecito.document o WHERE o.id = $1`, [id]);
  return rows[0] && documentFromRow(rows[0]);
}

/** What stands for a due date now (paid to `account`, else to its own): the caller's own PDF or its invoice's, else what was rendered of its present edition, if it was. */
export async function findCurrentDocument(
  client: Queryable,
  dueDate: DueDateId,
  account: BankAccountId | null = null,
): Promise<StoredDocument | undefined> {
  const { rows } = await client.query<DocumentRow>(
    `SELECT ${columns} FROM sollecito.due_date d
     JOIN sollecito.document o ON o.id = coalesce(d.own_document_id, (
       SELECT r.id FROM sollecito.document r
       WHERE r.due_date_id = d.id AND r.origin = 'rendered' AND r.edition = sollecito.document_edition(d, $2)
     ))
     WHERE d.id = $1`,
    [dueDate, account],
  );
  return rows[0] && documentFromRow(rows[0]);
}

/** What was rendered of one edition (see DocumentSource) of a due date. */
export async function findRenderedDocument(
  client: Queryable,
  of: { dueDateId: DueDateId; edition: string },
): Promise<StoredDocument | undefined> {
  const { rows } = await client.query<DocumentRow>(
    `SELECT ${columns} FROM sollecito.document o
     WHERE o.due_date_id = $1 AND o.origin = 'rendered' AND o.edition = $2`,
    [of.dueDateId, of.edition],
  );
  return rows[0] && documentFromRow(rows[0]);
}

/** The document behind a link, which is its own proof: of whichever tenant, to whoever asks. */
export async function findLinkedDocument(
  client: Queryable,
  id: DocumentId,
): Promise<Pick<StoredDocument, 'id' | 'name' | 'mediaType' | 'bytes' | 'linkEpoch'> | undefined> {
  const { rows } = await client.query<{ name: string; media_type: string; bytes: Buffer; link_epoch: number }>(
    'SELECT name, media_type, bytes, link_epoch FROM sollecito.linked_document($1)',
    [id],
  );
  const row = rows[0];
  return row && { id, name: row.name, mediaType: row.media_type, bytes: row.bytes, linkEpoch: row.link_epoch };
}

/**
 * Keeps a rendering of one edition. Where two were made at once the first stays, and both get that one back:
 * every recipient and every retry has the same bytes.
 */
export async function keepRendered(
  client: Queryable,
  rendered: {
    tenant: TenantId;
    dueDateId: DueDateId;
    edition: string;
    name: string;
    bytes: Uint8Array;
    now: Temporal.Instant;
  },
): Promise<StoredDocument> {
  const sha256 = createHash('sha256').update(rendered.bytes).digest();
  await client.query(
    `INSERT INTO sollecito.document (id, tenant_id, due_date_id, edition, origin, name, sha256, bytes, created_at)
     VALUES ($1, $2, $3, $4, 'rendered', $5, $6, $7, $8)
     ON CONFLICT (due_date_id, edition) WHERE origin = 'rendered' DO NOTHING`,
    [
      newId('document'),
      rendered.tenant,
      rendered.dueDateId,
      rendered.edition,
      rendered.name,
      sha256,
      rendered.bytes,
      rendered.now.toString(),
    ],
  );
  const kept = await findRenderedDocument(client, rendered);
  if (!kept) throw new Error('a rendered document was not kept');
  return kept;
}

export type OwnDocument = { document: StoredDocument; dueDate: DueDate; changed: boolean };

/**
 * Puts the caller's own PDF in the place of ours, or of the one that came with the invoice. The same bytes again change
 * nothing; an invoice's own are the caller's from then on, whatever the next file holds.
 * @param of.check called with the due date as it was locked; may throw to refuse the change.
 * @returns undefined when there is no such due date.
 */
export async function keepOwn(
  client: Queryable,
  change: Change,
  of: { dueDate: string; bytes: Uint8Array; check?: (current: DueDate | undefined) => Promise<void> | undefined },
): Promise<OwnDocument | undefined> {
  const dueDate = (await lockDueDates(client, [of.dueDate])).get(of.dueDate);
  await of.check?.(dueDate);
  if (!dueDate) return undefined;
  const sha256 = createHash('sha256').update(of.bytes).digest();
  const present = dueDate.ownDocumentId && (await findDocument(client, dueDate.ownDocumentId));
  if (present && present.origin === 'uploaded' && present.sha256 === sha256.toString('hex')) {
    return { document: present, dueDate, changed: false };
  }
  const now = change.clock.now();
  const id = newId('document');
  await client.query(
    `INSERT INTO sollecito.document (id, tenant_id, due_date_id, origin, name, sha256, bytes, created_at)
     VALUES ($1, $2, $3, 'uploaded', $4, $5, $6, $7)`,
    [id, change.tenant, dueDate.id, documentName(dueDate), sha256, of.bytes, now.toString()],
  );
  await client.query(
    `UPDATE sollecito.due_date
     SET own_document_id = $2, version = version + 1, document_version = document_version + 1, updated_at = $3 WHERE id = $1`,
    [dueDate.id, id, now.toString()],
  );
  const detail = { changed: ['pdf'], sha256: sha256.toString('hex') };
  await recordDueDateEvents(client, change, now, [{ dueDateId: dueDate.id, type: 'updated', detail }]);
  const document = await findDocument(client, id);
  if (!document) throw new Error('an own document was not kept');
  return { document, dueDate, changed: true };
}

const columns = 'o.id, o.due_date_id, o.origin, o.name, o.media_type, o.sha256, o.bytes, o.link_epoch';

type DocumentRow = {
  id: string;
  due_date_id: string;
  origin: StoredDocument['origin'];
  name: string;
  media_type: string;
  sha256: Buffer;
  bytes: Buffer;
  link_epoch: number;
};

function documentFromRow(row: DocumentRow): StoredDocument {
  return {
    id: asId('document', row.id),
    dueDateId: asId('dueDate', row.due_date_id),
    origin: row.origin,
    name: row.name,
    mediaType: row.media_type,
    sha256: row.sha256.toString('hex'),
    bytes: row.bytes,
    linkEpoch: row.link_epoch,
  };
}

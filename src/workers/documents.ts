import { z } from 'zod';
import type { Clock } from '../domain/clock.ts';
import type { DueDateFacts } from '../domain/delivery-facts.ts';
import { documentName } from '../domain/due-date-document.ts';
import { outstandingOf } from '../domain/due-date.ts';
import { localeOf } from '../domain/locale.ts';
import { asId, type BankAccountId, type DeliveryId, type DueDateId } from '../domain/ids.ts';
import { type DocumentFacts, documentPage } from '../invoices/document-page.ts';
import { ChromiumMissing, type PdfRenderer } from '../invoices/pdf-renderer.ts';
import type { JobProcessor } from '../queue/queue-backend.ts';
import type { Database } from '../store/database.ts';
import { accountChosenFor, type DocumentSource, loadDocumentSource } from '../store/documents-source.ts';
import {
  findCurrentDocument,
  findDocument,
  findRenderedDocument,
  keepRendered,
  type StoredDocument,
} from '../store/documents.ts';
import { isDatabaseTrouble } from '../store/outage.ts';
import { putBack } from '../store/put-back.ts';
import type { Timings } from '../timings.ts';
import { codeOf, NotReady, Unpreparable } from './delivery-worker.ts';

export type DocumentsOptions = {
  database: Database;
  clock: Clock;
  renderer: Pick<PdfRenderer, 'render'>;
  timings: Pick<Timings, 'unavailableMs'>;
};

// Base64 makes 27 MiB of it; common mail servers refuse more than 25 to 35 MB.
const mostBytesTogether = 20 * 2 ** 20;

/** The documents that go with reminders: rendered once for each edition of a due date, and the same bytes ever after. */
export class Documents {
  readonly #options: DocumentsOptions;
  readonly #rendering = new Map<string, Promise<StoredDocument>>();

  constructor(options: DocumentsOptions) {
    this.#options = options;
  }

  /**
   * A due date's document as it stands now, to be paid to `account` (else to its own); rendered when it is not there yet.
   * Throws NotReady when it cannot be.
   */
  async documentFor(dueDate: DueDateId, account: BankAccountId | null = null): Promise<StoredDocument> {
    const current = await findCurrentDocument(this.#options.database.pool, dueDate, account);
    if (current) return current;
    const source = await loadDocumentSource(this.#options.database.pool, dueDate, account);
    if (!source) throw new NotReady('due-date-missing');
    // The email and the SMS of one due date come at the same moment: one rendering serves both. Of its edition only:
    // whoever asks after a change gets what the change made.
    const key = `${dueDate} ${source.edition}`;
    const underWay = this.#rendering.get(key) ?? this.#render(source).finally(() => this.#rendering.delete(key));
    this.#rendering.set(key, underWay);
    return underWay;
  }

  /** The one that goes with a delivery: its reminder may have chosen another account. */
  async #documentOf(delivery: DeliveryId, dueDate: DueDateId): Promise<StoredDocument> {
    return this.documentFor(dueDate, await accountChosenFor(this.#options.database.pool, delivery));
  }

  async #render(source: DocumentSource): Promise<StoredDocument> {
    const { database, clock, renderer } = this.#options;
    const bytes = await renderer
      .render(documentPage(documentFacts(source)), source.tenant.id)
      .catch((error: unknown) => {
        throw new NotReady(error instanceof ChromiumMissing ? 'chromium-missing' : 'document-not-rendered');
      });
    return keepRendered(database.pool, {
      tenant: source.tenant.id,
      dueDateId: source.dueDate.id,
      edition: source.edition,
      name: documentName(source.dueDate),
      bytes,
      now: clock.now(),
    });
  }

  /**
   * The documents of these editions of due dates, which stand already: one that came with an invoice once for all its
   * instalments. Throws NotReady for one that does not, and Unpreparable when together they are more than a mail server
   * takes.
   */
  async stored(dueDates: readonly DueDateFacts[]): Promise<StoredDocument[]> {
    const { pool } = this.#options.database;
    const found: StoredDocument[] = [];
    let left = mostBytesTogether;
    // One after the other, so that no more than the limit is ever in memory.
    for (const due of dueDates) {
      if (due.ownDocumentId && found.some(({ id }) => id === due.ownDocumentId)) continue;
      const document = due.ownDocumentId
        ? await findDocument(pool, due.ownDocumentId)
        : await findRenderedDocument(pool, { dueDateId: due.id, edition: due.documentEdition });
      if (!document) throw new NotReady('document-missing');
      left -= document.bytes.length;
      if (left < 0) throw new Unpreparable('attachments-too-large');
      found.push(document);
    }
    return found;
  }

  /** The documents queue: renders one, before the delivery that waits for it. */
  readonly process: JobProcessor = async (job) => {
    if (job.data.dueDateId === undefined) throw new Error('due-date-unnamed');
    const dueDate = asId('dueDate', job.data.dueDateId);
    const delivery = asId('delivery', job.data.deliveryId);
    const failure = await this.#documentOf(delivery, dueDate)
      .catch(async (error: unknown) => {
        // It says nothing of the document: the delivery that waits for it comes back, and none of its tries is spent.
        if (!isDatabaseTrouble(error)) throw error;
        await putBackForNow(this.#options, { delivery, dispatchNo: job.data.dispatchNo });
      })
      .then(() => undefined, codeOf);
    // BullMQ shows what is thrown to whoever sees the board: a code and nothing else.
    if (failure !== undefined) throw new Error(failure);
  };
}

async function putBackForNow(
  { database, clock, timings }: DocumentsOptions,
  job: { delivery: DeliveryId; dispatchNo: number },
): Promise<void> {
  const reason = 'database-unavailable';
  await putBack(database, { ...job, now: clock.now(), reason, delayMs: timings.unavailableMs });
}

const part = z.string().nullable().default(null);
const postalAddress = z
  .object({
    street: z.string().default(''),
    postalCode: part,
    city: z.string().default(''),
    province: part,
    country: part,
  })
  .nullable();

function documentFacts(source: DocumentSource): DocumentFacts {
  const { tenant, customer, dueDate, bankAccount, invoice } = source;
  // A supplier's invoice is not dressed as one of the tenant's own.
  const isTheirs = dueDate.direction === 'payable' && invoice !== null;
  return {
    tenant: {
      name: tenant.name,
      email: tenant.replyTo ?? tenant.senderEmail,
      colour: isTheirs ? null : tenant.colour,
      logo: isTheirs ? null : tenant.logo,
    },
    customer: {
      name: customer.name,
      vatId: customer.vatId,
      taxCode: customer.taxCode,
      address: postalAddress.catch(null).parse(customer.address),
    },
    document: { number: dueDate.documentNumber ?? dueDate.ref, date: dueDate.documentDate, type: dueDate.documentType },
    dueDate: {
      dueOn: dueDate.dueOn,
      amount: dueDate.amount,
      paid: dueDate.paid,
      credited: dueDate.credited,
      outstanding: outstandingOf(dueDate),
      method: dueDate.paymentMethod,
    },
    instalments: source.instalments,
    bankAccount: bankAccount && { ...bankAccount, chosen: source.accountChosen },
    invoice,
    locale: localeOf(customer.locale ?? tenant.locale),
  };
}

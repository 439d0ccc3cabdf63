import type { DueDateId, ReminderId } from '../domain/ids.ts';
import { counterpartyOf, directionOf } from '../domain/invoice-direction.ts';
import type { Invoice, InvoiceWarning } from '../domain/invoice.ts';
import { ownDocumentOf } from '../domain/own-document.ts';
import { lockCancelable } from './cancel-settled.ts';
import { type CreditsAround, findCreditsAround, keepNamed } from './credits-named.ts';
import { creditWarnings } from './credits-warnings.ts';
import { applyCredits } from './credits.ts';
import type { Queryable } from './database.ts';
import type { Change } from './due-dates-events.ts';
import { remindersInFlight } from './due-dates-in-flight.ts';
import { type DueDate, loadDueDates } from './due-dates.ts';
import { bankAccountsOf } from './invoices-bank-account.ts';
import { changesOf, type DueDateChange } from './invoices-changes.ts';
import { customerOf, findParty } from './invoices-customer.ts';
import { saveInstalments } from './invoices-instalments.ts';
import {
  type Counterparties,
  hasNewCounterparty,
  isNews,
  type JudgedInvoice,
  keepInvoice,
  keyOf,
  type KnownInvoice,
} from './invoices-known.ts';
import { keepInvoicePdf } from './invoices-pdf.ts';
import { lockPresent } from './invoices-present.ts';
import { tenantIdentity, type TenantIdentity } from './invoices-tenant.ts';

/** What a file holds. `warnings`: of the file as a whole. `pdf`: itself, when it is a PDF around its one invoice. */
export type InvoiceFile = {
  readonly invoices: readonly Invoice[];
  readonly warnings: readonly InvoiceWarning[];
  readonly pdf: Uint8Array | null;
};

/** `unchanged`: every invoice of the file was known to the letter, and nothing was written. */
export type ImportReport = {
  readonly outcome: 'created' | 'updated' | 'unchanged';
  /** Of all instalments of the file, in its order. */
  readonly dueDates: readonly DueDate[];
  /** Of these due dates, and of those that its credit notes lower. */
  readonly changes: readonly DueDateChange[];
  /** Of these due dates: they had been claimed before, and say what stood then. */
  readonly inFlight: readonly ReminderId[];
  readonly warnings: readonly InvoiceWarning[];
};

/**
 * Imports the invoices of one file: their customers, bank accounts and a due date for each instalment; credit notes
 * lower the due dates of the invoices that they name. An invoice that is known to the letter changes nothing; of one that
 * was corrected, what people changed or paid since stays.
 * Imports of one tenant take turns, so that two files never make one customer twice.
 */
export async function importInvoices(client: Queryable, change: Change, file: InvoiceFile): Promise<ImportReport> {
  await client.query("SELECT pg_advisory_xact_lock(hashtextextended('import ' || $1, 0))", [change.tenant]);
  const tenant = await tenantIdentity(client, change.tenant);
  const warnings = [...file.warnings];
  const known: KnownInvoice[] = [];
  for (const judged of judgedInvoices(file, tenant, warnings)) {
    known.push(await keepInvoice(client, { tenant: change.tenant, now: change.clock.now() }, judged));
  }
  for (const note of known.filter((one) => isNews(one) && one.invoice.type === 'creditNote')) {
    await keepNamed(client, change.tenant, note);
  }
  const credits = await findCreditsAround(client, change.tenant, known);
  const asking = known.filter(({ invoice }) => asksForMoney(invoice));
  const dueDates = await writeDueDates(client, change, { asking, credits, country: tenant.country }, warnings);
  warnings.push(...(await creditWarnings(client, credits.notes)));
  const made = known.some((one) => one.before === undefined);
  return { outcome: made ? 'created' : known.some(isNews) ? 'updated' : 'unchanged', ...dueDates, warnings };
}

type Asked = { asking: readonly KnownInvoice[]; credits: CreditsAround; country: string };

// In the order of the house's locks: customers, bank accounts, due dates by id, reminders by id.
async function writeDueDates(
  client: Queryable,
  change: Change,
  { asking, credits, country }: Asked,
  warnings: InvoiceWarning[],
): Promise<Pick<ImportReport, 'dueDates' | 'changes' | 'inFlight'>> {
  const now = change.clock.now();
  const news = asking.filter(isNews);
  const counterparties = await counterpartiesOf(client, change, { country, now }, news);
  const accounts = await bankAccountsOf(client, { tenant: change.tenant, now }, news);
  const present = await lockPresent(client, asking, counterparties, credits.dueDates);
  const standing = present.all.map(({ id }) => id);
  // Saving, voiding and crediting each call reminders off: what any of them may touch is locked once, by id.
  if (news.length > 0 || credits.dueDates.length > 0) await lockCancelable(client, standing);
  const saved = await saveInstalments(client, change, counterparties, { present, accounts });
  warnings.push(...saved.warnings);
  // Without news no note moves: what it took off stands as it was left.
  if (news.length > 0 || credits.dueDates.length > 0) await applyCredits(client, change, credits.notes);
  for (const known of news) await keepInvoicePdf(client, change, known);
  const ofFile = asking.flatMap((known) => [
    ...new Set([...present.ofInvoice(known).map((one) => one.id), ...(saved.written.get(known) ?? [])]),
  ]);
  const others = present.all.toSorted((a, b) => a.ref.localeCompare(b.ref)).map(({ id }) => id);
  const all = [...new Set([...ofFile, ...others])];
  const after = await loadDueDates(client, all);
  const inOrder = (ids: readonly DueDateId[]): DueDate[] => ids.flatMap((id) => after.get(id) ?? []);
  const changed = present.all.filter(({ id, version }) => after.get(id)?.version !== version).map(({ id }) => id);
  const inFlight = [...(await remindersInFlight(client, changed)).values()].flat();
  return {
    dueDates: inOrder(ofFile),
    changes: changesOf(present.all, inOrder(all)),
    inFlight: [...new Set(inFlight)].sort(),
  };
}

/** What each invoice of the file is to this tenant; one that stands in it twice counts once. */
function judgedInvoices(file: InvoiceFile, tenant: TenantIdentity, warnings: InvoiceWarning[]): JudgedInvoice[] {
  return distinct(file.invoices, warnings).map((invoice) => {
    const { direction, warnings: told } = directionOf(invoice, tenant);
    const asks = asksForMoney(invoice);
    const own = asks ? ownDocumentOf(invoice, file.pdf) : { pdf: null, warnings: [] };
    const ofInvoice = asks ? invoice.warnings : invoice.warnings.filter(({ code }) => !ofTerms.has(code));
    warnings.push(...ofInvoice, ...told, ...own.warnings);
    return { invoice, direction, pdf: own.pdf };
  });
}

// How a document is paid says nothing to anybody where nothing is to be paid.
const ofTerms: ReadonlySet<string> = new Set([
  'no-payment-terms',
  'no-due-date',
  'instalments-differ',
  'payment-terms-assumed',
  'payment-terms-unclear',
  'payment-terms-unread',
  'advance-payment',
  'early-payment-discount',
]);

/** Credit notes ask for none, nor does what a firm writes to itself. */
function asksForMoney(invoice: Invoice): boolean {
  return invoice.type !== 'creditNote' && invoice.instalments.length > 0;
}

function distinct(invoices: readonly Invoice[], warnings: InvoiceWarning[]): Invoice[] {
  const byKey = new Map<string, Invoice>();
  for (const invoice of invoices) {
    const key = JSON.stringify(keyOf(invoice));
    if (byKey.has(key)) {
      warnings.push({
        code: 'repeated-invoice',
        message: `${invoice.number} stands twice in the file: the first counts`,
      });
    } else byKey.set(key, invoice);
  }
  return [...byKey.values()];
}

// All customers before any due date: the order of the house's locks.
async function counterpartiesOf(
  client: Queryable,
  { tenant }: Change,
  by: { country: string; now: Temporal.Instant },
  news: readonly KnownInvoice[],
): Promise<Map<KnownInvoice, Counterparties>> {
  const counterparties = new Map<KnownInvoice, Counterparties>();
  for (const known of news) {
    const { id } = await customerOf(client, { tenant, ...by }, counterpartyOf(known.invoice, known.direction));
    const before = hasNewCounterparty(known)
      ? await findParty(client, tenant, counterpartyOf(known.before.invoice, known.before.direction))
      : undefined;
    counterparties.set(known, { customer: id, before: before?.id ?? id });
  }
  return counterparties;
}

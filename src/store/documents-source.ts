import { asId, type BankAccountId, type DeliveryId, type DueDateId, type TenantId } from '../domain/ids.ts';
import { type Invoice, invoiceFromJson } from '../domain/invoice.ts';
import type { Money } from '../domain/money.ts';
import type { Queryable } from './database.ts';
import { type DueDate, dueDateColumns, dueDateFromRow, dueDateJoins, type DueDateRow, moneyOf } from './due-dates.ts';

/** All that a due date's document is made from, read in one statement: as it stood at `edition`. */
export type DocumentSource = {
  /** Names all of it by its versions: any change makes another. */
  readonly edition: string;
  readonly tenant: {
    readonly id: TenantId;
    readonly name: string;
    readonly senderEmail: string | null;
    readonly replyTo: string | null;
    readonly logo: string | null;
    readonly colour: string | null;
    readonly locale: string;
  };
  readonly dueDate: DueDate;
  readonly customer: {
    readonly name: string;
    readonly address: Readonly<Record<string, string | null>> | null;
    readonly vatId: string | null;
    readonly taxCode: string | null;
    readonly locale: string | null;
  };
  /** The one that was asked for, else the due date's own, else the tenant's usual one (what is payable is not paid to it). */
  readonly bankAccount: { readonly holder: string; readonly iban: string; readonly bic: string | null } | null;
  /** That one was asked for. */
  readonly accountChosen: boolean;
  /** Null: a payment statement is all that can be made. */
  readonly invoice: Invoice | null;
  /** Of the same invoice, this one among them and no other void one, in their order; none without an invoice. */
  readonly instalments: readonly {
    /** Counts from 1. */
    readonly number: number;
    readonly dueOn: string;
    readonly amount: Money;
    readonly outstanding: Money;
    readonly credited: Money;
    readonly isThis: boolean;
  }[];
};

/** @param account to be paid to, instead of the due date's own. */
export async function loadDocumentSource(
  client: Queryable,
  dueDate: DueDateId,
  account: BankAccountId | null = null,
): Promise<DocumentSource | undefined> {
  const { rows } = await client.query<DueDateRow & SourceRow>(
    `SELECT ${dueDateColumns}, i.data AS invoice, sollecito.document_edition(d, $2) AS edition,
       jsonb_build_object('id', t.id, 'name', t.name, 'senderEmail', t.sender_email, 'replyTo', t.reply_to,
         'logo', t.logo, 'colour', t.colour, 'locale', t.locale) AS tenant,
       jsonb_build_object('name', c.name, 'address', c.address, 'vatId', c.vat_id, 'taxCode', c.tax_code,
         'locale', c.locale) AS customer,
       (SELECT jsonb_build_object('holder', a.holder, 'iban', a.iban, 'bic', a.bic) FROM sollecito.bank_account a
        WHERE a.id = coalesce($2, d.bank_account_id, (
          SELECT u.id FROM sollecito.bank_account u WHERE u.tenant_id = d.tenant_id AND u.is_default AND d.direction = 'receivable'
        ))
       ) AS bank_account,
       (SELECT coalesce(jsonb_agg(jsonb_build_object('number', s.instalment, 'dueOn', s.due_on, 'amount', s.amount::text,
          'outstanding', s.outstanding::text, 'credited', s.credited::text, 'currency', s.currency, 'isThis', s.id = d.id) ORDER BY s.instalment), '[]')
        FROM sollecito.due_date s WHERE s.invoice_id = d.invoice_id AND (s.voided_at IS NULL OR s.id = d.id)) AS instalments
     FROM sollecito.due_date d ${dueDateJoins}
     JOIN sollecito.tenant t ON t.id = d.tenant_id
     LEFT JOIN sollecito.invoice i ON i.id = d.invoice_id
     WHERE d.id = $1`,
    [dueDate, account],
  );
  return rows[0] && { ...sourceFromRow(rows[0]), accountChosen: account !== null };
}

type SourceRow = {
  edition: string;
  invoice: unknown;
  tenant: Omit<DocumentSource['tenant'], 'id'> & { id: string };
  customer: DocumentSource['customer'];
  bank_account: DocumentSource['bankAccount'];
  instalments: {
    number: number;
    dueOn: string;
    amount: string;
    outstanding: string;
    credited: string;
    currency: string;
    isThis: boolean;
  }[];
};

function sourceFromRow(row: DueDateRow & SourceRow): Omit<DocumentSource, 'accountChosen'> {
  return {
    edition: row.edition,
    tenant: { ...row.tenant, id: asId('tenant', row.tenant.id) },
    dueDate: dueDateFromRow(row),
    customer: row.customer,
    bankAccount: row.bank_account,
    invoice: row.invoice === null ? null : invoiceFromJson(row.invoice),
    instalments: row.instalments.map(({ amount, outstanding, credited, currency, ...same }) => ({
      ...same,
      amount: moneyOf(amount, currency),
      outstanding: moneyOf(outstanding, currency),
      credited: moneyOf(credited, currency),
    })),
  };
}

/** The bank account that was chosen for a delivery's reminder. */
export async function accountChosenFor(client: Queryable, delivery: DeliveryId): Promise<BankAccountId | null> {
  const { rows } = await client.query<{ id: string | null }>(
    'SELECT r.bank_account_id AS id FROM sollecito.delivery d JOIN sollecito.reminder r ON r.id = d.reminder_id WHERE d.id = $1',
    [delivery],
  );
  const id = rows[0]?.id ?? null;
  return id === null ? null : asId('bankAccount', id);
}

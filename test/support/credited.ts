import type { Answer, TestApi } from './api.ts';

type ImportReport = {
  unchanged: boolean;
  customers: string[];
  bankAccounts: string[];
  dueDates: string[];
  changes: { dueDate: string; field: string; from: unknown; to: unknown }[];
  inFlight: string[];
  warnings: { code: string; message: string }[];
};
type DueDateEvent = { type: string; reason: string | null; detail: Record<string, unknown> };

export const eur = (value: string) => ({ value, currency: 'EUR' });

/** The usual instalments. */
export const first = { dueOn: '2026-03-31', amount: eur('61.00') };
export const second = { dueOn: '2026-04-30', amount: eur('61.00') };

const seller = { name: 'Officine', vatId: 'IT01234567890' };
const buyer = { name: 'Rossi S.r.l.', vatId: 'IT09876543210' };

/** One invoice of a tenant and the credit notes of it, over the API. */
export class Credited {
  readonly #api: TestApi;
  readonly number: string;
  /** Of its credit note. */
  readonly noteNumber: string;

  constructor(api: TestApi, count: number) {
    this.#api = api;
    this.number = `N${count}`;
    this.noteNumber = `C${count}`;
  }

  async send(body: Record<string, unknown>, key = this.#api.tenant.key): Promise<Answer<ImportReport>> {
    const whole = { date: '2026-02-01', seller, buyer, ...body };
    return this.#api.call<ImportReport>('POST', '/v1/invoices', { body: whole, key });
  }

  async invoice(instalments: unknown[] = [first, second], more: Record<string, unknown> = {}) {
    return this.send({ number: this.number, instalments, ...more });
  }

  /** A credit note of the invoice; what is given replaces the usual. */
  async note(value: string, more: Record<string, unknown> = {}) {
    const references = [{ kind: 'invoice', number: this.number, date: '2026-02-01' }];
    const usual = { number: this.noteNumber, date: '2026-02-20', type: 'creditNote', total: eur(value), references };
    return this.send({ ...usual, ...more });
  }

  path(instalment: number): string {
    return `/v1/due-dates/${this.number}%2F${instalment}`;
  }

  async get(path: string): Promise<Record<string, unknown>> {
    return (await this.#api.call('GET', path)).body;
  }

  async pay(instalment: number, value: string, ref = 'p') {
    const body = { ref, amount: eur(value), paidOn: '2026-03-01' };
    return this.#api.call('POST', `${this.path(instalment)}/payments`, { body });
  }

  /** `state outstanding credited` of both instalments. */
  async standing(): Promise<string[]> {
    type Shown = { state: string; outstanding: { value: string }; credited: { value: string } };
    const shown = await Promise.all([1, 2].map(async (n) => this.#api.call<Shown>('GET', this.path(n))));
    return shown.map(({ body }) => `${body.state} ${body.outstanding.value} ${body.credited.value}`);
  }

  /** Newest first. */
  async events(instalment: number): Promise<DueDateEvent[]> {
    type History = { items: { event?: DueDateEvent }[] };
    const { body } = await this.#api.call<History>('GET', `${this.path(instalment)}/history`);
    return body.items.flatMap(({ event }) => event ?? []);
  }
}

export function codesOf({ body }: Answer<ImportReport>): string[] {
  return body.warnings.map(({ code }) => code);
}

import { createHash } from 'node:crypto';
import { simpleParser } from 'mailparser';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DueDateId } from '../src/domain/ids.ts';
import { loadDocumentSource } from '../src/store/documents-source.ts';
import { findDueDateId } from '../src/store/due-dates.ts';
import { timings } from '../src/timings.ts';
import { Documents } from '../src/workers/documents.ts';
import { EncodedAttachments } from '../src/workers/encoded-attachments.ts';
import { fatturaPa, payment } from './support/fatturapa.ts';
import { pdfText } from './support/pdf-text.ts';
import { withoutChromium } from './support/browser.ts';
import { TestService } from './support/service.ts';

let service: TestService;
beforeAll(async () => {
  service = await TestService.start();
});
afterAll(async () => {
  await service.stop();
});

/** A browser that prints when it is told to, and what it was given. */
class HeldBrowser {
  readonly pages: string[] = [];
  readonly #printing = Promise.withResolvers<void>();

  async render({ html }: { html: string }): Promise<Uint8Array> {
    this.pages.push(html);
    await this.#printing.promise;
    return Buffer.from(`%PDF-1.7\n${html}\nstartxref\n9\n%%EOF\n`);
  }

  print(): void {
    this.#printing.resolve();
  }
}

async function idOf(ref: string): Promise<DueDateId> {
  const { parts, tenant } = service.api;
  const id = await parts.database.tenantTransaction(tenant.id, (client) => findDueDateId(client, ref));
  return id ?? expect.fail('no such due date');
}

describe('the document of a due date', () => {
  test('that changes while it is rendered is another one for who asks afterwards', async () => {
    const browser = new HeldBrowser();
    const documents = new Documents({
      database: service.database,
      clock: service.clock,
      renderer: browser,
      timings: timings(),
    });
    await service.addDueDate('changing');
    const id = await idOf('changing');
    const asked = [documents.documentFor(id), documents.documentFor(id)];
    // Both have read what stands now once nothing is read any more.
    const { pool } = service.database;
    await expect.poll(() => browser.pages.length === 1 && pool.idleCount === pool.totalCount).toBe(true);
    await service.patch('/v1/due-dates/changing', { amount: { value: '999.00', currency: 'EUR' } });
    asked.push(documents.documentFor(id));
    await expect.poll(() => browser.pages.length).toBe(2);
    browser.print();
    const [first, second, afterwards] = await Promise.all(asked);
    expect(second?.sha256).toBe(first?.sha256);
    expect(Buffer.from(first?.bytes ?? []).toString()).toContain('1.220,00');
    expect(Buffer.from(afterwards?.bytes ?? []).toString()).toContain('999,00');
    expect(browser.pages).toHaveLength(2);
  });
});

describe('the document of what is payable', () => {
  const logo = `data:image/png;base64,${Buffer.from('89504e470d0a1a0a', 'hex').toString('base64')}`;
  const pageOf = async (ref: string): Promise<string> => {
    const browser = new HeldBrowser();
    browser.print();
    const documents = new Documents({
      database: service.database,
      clock: service.clock,
      renderer: browser,
      timings: timings(),
    });
    const { bytes } = await documents.documentFor(await idOf(ref));
    return Buffer.from(bytes).toString();
  };

  test('asks for no payment to us, and does once it is receivable', async () => {
    const iban = 'IT60X0542811101000000123456';
    await service.put('/v1/bank-accounts/usual', { holder: 'Us', iban, default: true });
    await service.addDueDate('turned', { direction: 'payable' });
    expect(await pageOf('turned')).not.toContain('IT60 X054');
    await service.patch('/v1/due-dates/turned', { direction: 'receivable' });
    expect(await pageOf('turned')).toContain('IT60 X054');
    await service.put('/v1/bank-accounts/usual', { holder: 'Us', iban });
  });

  test("is the supplier's invoice, without our logo and colour", async () => {
    await service.patch('/v1/tenant', { vatId: 'IT01234567897', colour: '#123456', logo });
    const ours = { name: 'Officine', vatId: 'IT01234567897' };
    const theirs = { name: 'Fornitore', vatId: 'IT09876543210' };
    const total = { value: '61.00', currency: 'EUR' };
    const invoice = { date: '2026-02-01', total };
    await service.call('POST', '/v1/invoices', { body: { ...invoice, number: 'S1', seller: ours, buyer: theirs } });
    await service.call('POST', '/v1/invoices', { body: { ...invoice, number: 'S2', seller: theirs, buyer: ours } });
    expect(await pageOf('S1')).toContain('#123456');
    const supplied = await pageOf('S2');
    expect(supplied).not.toContain('#123456');
    expect(supplied).not.toContain('<img');
    await service.patch('/v1/tenant', { vatId: null, colour: null, logo: null });
  });
});

describe('the document of an instalment', () => {
  const eur = (value: string) => ({ value, currency: 'EUR' });
  const invoice = (number: string) => ({
    number,
    date: '2026-02-01',
    seller: { name: 'Officine', vatId: 'IT01234567890' },
    buyer: { name: 'Müller GmbH', vatId: 'DE123456789', email: ['rechnungen@example.com'] },
    instalments: [
      { dueOn: '2026-03-31', amount: eur('61.00') },
      { dueOn: '2026-04-30', amount: eur('61.00') },
    ],
  });

  test('knows how all of them stand, and is another one when one of the others changes', async () => {
    await service.call('POST', '/v1/invoices', { body: invoice('K1') });
    const id = await idOf('K1/2');
    const before = await loadDocumentSource(service.database.pool, id);
    const references = [{ kind: 'invoice', number: 'K1' }];
    const { instalments: _, ...same } = invoice('C1');
    await service.call('POST', '/v1/invoices', {
      body: { ...same, type: 'creditNote', total: eur('20.00'), references },
    });
    const after = await loadDocumentSource(service.database.pool, id);
    expect(
      after?.instalments.map(({ number, outstanding, credited, isThis }) => [
        number,
        outstanding.units,
        credited.units,
        isThis,
      ]),
    ).toEqual([
      [1, 4_100n, 2_000n, false],
      [2, 6_100n, 0n, true],
    ]);
    expect(after?.edition).not.toBe(before?.edition);
  });

  test('is written in the language of its customer', async () => {
    const browser = new HeldBrowser();
    browser.print();
    const documents = new Documents({
      database: service.database,
      clock: service.clock,
      renderer: browser,
      timings: timings(),
    });
    await service.call('POST', '/v1/invoices', { body: invoice('K2') });
    const languages: (string | undefined)[] = [];
    for (const locale of ['de-AT', 'fr', 'es-MX', 'en-GB', 'pt', null]) {
      await service.database.pool.query(
        "UPDATE sollecito.customer SET locale = $1, version = version + 1 WHERE ref = 'DE123456789'",
        [locale],
      );
      await documents.documentFor(await idOf('K2/1'));
      languages.push(/<html lang="(..)"/.exec(browser.pages.at(-1) ?? '')?.[1]);
    }
    expect(languages).toEqual(['de', 'fr', 'es', 'en', 'en', 'it']);
  });

  test('that came with the invoice is attached once for both, to the byte', async () => {
    const own = Buffer.from('%PDF-1.7\n% of the seller\nstartxref\n9\n%%EOF\n', 'latin1');
    const attachment = `<Allegati><NomeAttachment>fattura.pdf</NomeAttachment><Attachment>${own.toString('base64')}</Attachment></Allegati>`;
    const on = (day: string): string => payment(`<DataScadenzaPagamento>${day}</DataScadenzaPagamento>`, '61.00');
    const xml = fatturaPa({ attachments: attachment, payments: on('2026-01-31') + on('2026-02-28') });
    const headers = { 'content-type': 'application/xml' };
    const { body } = await service.call<{ customers: string[]; dueDates: string[] }>('POST', '/v1/invoices', {
      body: Buffer.from(xml),
      headers,
    });
    await service.patch(`/v1/customers/${body.customers[0]}`, { email: ['anna@example.com'] });
    const before = service.smtp.messages.length;
    const reminder = await service.remind({ dueDates: body.dueDates, dueDate: undefined, attachDocument: true });
    await service.sendDue();
    expect(await service.fates(reminder.id)).toEqual(['sent']);
    const raw = service.smtp.messages[before]?.raw ?? '';
    const { attachments } = await simpleParser(Buffer.from(raw, 'latin1'));
    const pdfs = attachments.filter(({ contentType }) => contentType === 'application/pdf');
    expect(pdfs.map(({ filename, content }) => [filename, content.equals(own)])).toEqual([['12.pdf', true]]);
    const shown = await service.call('GET', `/v1/reminders/${reminder.id}/message`);
    expect(shown.text).toContain(own.toString('base64').slice(0, 60));
  });
});

test.skipIf(withoutChromium)('a reminder that chose another account attaches a document that asks for it', async () => {
  const other = 'IT40S0542811101000000123456';
  await service.put('/v1/bank-accounts/other', { holder: 'Altro Conto', iban: other });
  await service.addDueDate('chosen', { bankAccount: 'main' });
  const [usual, chosen] = [
    await service.remind({ dueDate: 'chosen', attachDocument: true }),
    await service.remind({ dueDate: 'chosen', attachDocument: true, bankAccount: 'other' }),
  ];
  const before = service.smtp.messages.length;
  await service.sendDue();
  for (const { id } of [usual, chosen]) expect(await service.fates(id)).toEqual(['sent']);
  const ibans = await Promise.all(
    service.smtp.messages.slice(before).map(async ({ raw }) => {
      const mail = await simpleParser(Buffer.from(raw, 'latin1'));
      const shown = [mail.text ?? '', ...pdfText(mail.attachments[0]?.content ?? Buffer.alloc(0))].map((text) =>
        text.replaceAll(/\s/g, ''),
      );
      return [other, 'IT60X0542811101000000123456'].find((iban) => shown.every((text) => text.includes(iban)));
    }),
  );
  expect(new Set(ibans)).toEqual(new Set([other, 'IT60X0542811101000000123456']));
});

describe('attachments', () => {
  test('of more than 20 MiB together do not leave, and one that fits does', async () => {
    const refs = ['large-1', 'large-2', 'large-3'];
    for (const ref of [...refs, 'small']) {
      await service.addDueDate(ref);
      const body = Buffer.alloc(ref === 'small' ? 1_000 : 8 * 2 ** 20, ' ');
      body.write(`%PDF-1.7\n% ${ref}\n`);
      body.write('startxref\n9\n%%EOF\n', body.length - 20);
      const headers = { 'content-type': 'application/pdf' };
      expect(await service.call('PUT', `/v1/due-dates/${ref}/pdf`, { body, headers })).toMatchObject({ status: 200 });
    }
    const all = await service.remind({ dueDates: refs, attachDocument: true });
    const some = await service.remind({ dueDate: 'small', attachDocument: true });
    await service.sendDue();
    expect(await service.fates(all.id)).toEqual(['failed not-preparable']);
    const events = await service.call<{ items: unknown[] }>('GET', `/v1/reminders/${all.id}/events`);
    expect(events.body.items).toContainEqual(
      expect.objectContaining({ type: 'failed', detail: expect.objectContaining({ code: 'attachments-too-large' }) }),
    );
    expect(await service.fates(some.id)).toEqual(['sent']);
  });

  test('are encoded once, and only so many bytes of them are kept', () => {
    const encoded = new EncodedAttachments(1_000);
    const document = (bytes: Buffer) => ({ bytes, sha256: createHash('sha256').update(bytes).digest('hex') });
    for (let n = 0; n < 20; n++) {
      const bytes = Buffer.alloc(200, n);
      expect(Buffer.from(encoded.of(document(bytes)), 'base64').equals(bytes)).toBe(true);
      expect(encoded.size).toBeLessThanOrEqual(1_000);
    }
    const kept = encoded.size;
    expect(kept).toBeGreaterThan(500);
    encoded.of(document(Buffer.alloc(200, 19)));
    expect(encoded.of(document(Buffer.alloc(2_000)))).toHaveLength(2_738);
    expect(encoded.size).toBe(kept);
  });
});

import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { createApiKey } from '../src/store/api-keys.ts';
import { DatabaseClock } from '../src/store/database-clock.ts';
import { Database } from '../src/store/database.ts';
import { createTenant } from '../src/store/tenants.ts';
import type { ApiClient } from './client.ts';
import type { Plan, Tenant } from './plan.ts';

/** Makes the plan's tenants. @returns their API keys, by ref */
export async function makeTenants(databaseUrl: string, plan: Plan): Promise<Map<string, string>> {
  const database = new Database({ url: databaseUrl, role: 'service', poolMax: 2 });
  await database.start();
  const clock = new DatabaseClock(database);
  try {
    await clock.start();
    const keys = new Map<string, string>();
    for (const { ref } of plan.tenants) {
      const { id } = await createTenant(database, clock, { ref, name: `Officine ${ref}`, plan: 'large' });
      keys.set(ref, (await createApiKey(database, clock, { tenant: id, name: 'chaos' })).secret);
    }
    return keys;
  } finally {
    clock.stop();
    await database.stop();
  }
}

/** Over the API, before anything breaks: settings, a bank account, customers with their due dates, some PDFs. */
export async function furnish(client: ApiClient, keys: ReadonlyMap<string, string>, plan: Plan): Promise<void> {
  for (const tenant of plan.tenants) {
    const key = keys.get(tenant.ref) ?? '';
    const call = async (method: string, path: string, body: unknown): Promise<unknown> => {
      const { status, json } = await client.ask({ method, path, key, body });
      if (status >= 300) throw new Error(`${method} ${path} answered ${status}: ${JSON.stringify(json)}`);
      return json;
    };
    await call('PATCH', '/v1/tenant', { unknownPolicy: tenant.policy });
    await call('PUT', '/v1/bank-accounts/main', {
      holder: `Officine ${tenant.ref} S.r.l.`,
      iban: 'IT60X0542811101000000123456',
      default: true,
    });
    const dueDates = dueDatesOf(tenant);
    for (let at = 0; at < dueDates.length; at += 500) {
      const { items } = statuses.parse(
        await call('POST', '/v1/due-dates/batch', { dueDates: dueDates.slice(at, at + 500) }),
      );
      const bad = items.find(({ status }) => status >= 300);
      if (bad) throw new Error(`a due date was refused: ${JSON.stringify(bad)}`);
    }
    for (const { ref } of tenant.dueDates.filter(({ ownPdf }) => ownPdf)) {
      await call('PUT', `/v1/due-dates/${ref}/pdf`, pdf(ref));
    }
  }
}

const statuses = z.object({ items: z.array(z.looseObject({ status: z.number() })) });

function dueDatesOf({ customers, dueDates, ref: tenant }: Tenant): Record<string, unknown>[] {
  const byRef = new Map(customers.map((customer) => [customer.ref, customer]));
  return dueDates.map(({ ref, customer }) => ({
    ref,
    customer: { ...byRef.get(customer), name: `Cliente ${customer} di ${tenant}` },
    document: { number: `2026-${ref}`, date: '2026-01-01', type: 'invoice' },
    dueOn: '2026-01-31',
    amount: { value: '100.00', currency: 'EUR' },
  }));
}

/** A small PDF of about 20 kB, as an own document may be, no two alike. */
function pdf(ref: string): Uint8Array {
  const content = `BT /F1 18 Tf 72 720 Td (${ref}) Tj ET`;
  const objects = [
    '<</Type/Catalog/Pages 2 0 R>>',
    '<</Type/Pages/Kids[3 0 R]/Count 1>>',
    '<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>',
    `<</Length ${content.length}>>stream\n${content}\nendstream`,
    '<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>',
  ];
  let text = `%PDF-1.4\n%${randomBytes(10_000).toString('hex')}\n`;
  const offsets = objects.map((object, n) => {
    const at = text.length;
    text += `${n + 1} 0 obj${object}endobj\n`;
    return `${String(at).padStart(10, '0')} 00000 n \n`;
  });
  const xref = text.length;
  text += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${offsets.join('')}`;
  return Buffer.from(`${text}trailer<</Root 1 0 R/Size ${objects.length + 1}>>\nstartxref\n${xref}\n%%EOF\n`);
}

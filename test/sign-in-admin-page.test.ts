import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { adminRouter } from '../src/api/admin.ts';
import { docsRouter } from '../src/api/docs.ts';
import { operations } from '../src/api/operations.ts';
import { findChromium } from '../src/invoices/find-chromium.ts';
import { createOperator, createSignInLink } from '../src/store/operators.ts';
import { TestApi } from './support/api.ts';

let api: TestApi;
let dataDir: string;
let browser: Browser;
let page: Page;
const complaints: string[] = [];

beforeAll(async () => {
  api = await TestApi.start({
    routers: (parts) => [adminRouter(parts, { secureCookies: false }), docsRouter(operations, '0.1.0')],
  });
  const other = await api.addTenant({ name: 'Studio Bianchi' });
  await putDueDate(api.tenant.key, '2026/12', 'Ferramenta <b>Verdi</b>');
  await putDueDate(other.key, 'other-1', 'Altri');
  dataDir = await mkdtemp(path.join(os.tmpdir(), 'sollecito-page-'));
  const found = await findChromium({ chromiumPath: null, dataDir });
  if ('missing' in found) throw new Error(found.missing);
  const { path: executablePath, args, env } = found;
  browser = await chromium.launch({ executablePath, args, ...(env && { env }) });
  page = await browser.newPage();
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
});
afterAll(async () => {
  await browser?.close();
  await api?.stop();
  await rm(dataDir, { recursive: true, force: true });
});

test('the bare address leads a browser to the page, and tells a program that nothing is there', async () => {
  const accept = 'text/html,application/xhtml+xml,*/*;q=0.8';
  const browser = await api.call('GET', '/', { key: null, headers: { accept } });
  expect([browser.status, browser.headers.get('location')]).toEqual([303, '/admin']);
  const program = await api.call('GET', '/', { key: null });
  expect(program).toMatchObject({ status: 404, body: { type: 'urn:sollecito:problem:not-found' } });
});

async function putDueDate(key: string, ref: string, name: string): Promise<void> {
  const body = {
    customer: { ref: 'c-1', name },
    direction: 'receivable',
    dueOn: '2026-02-20',
    amount: { value: '1250.50', currency: 'EUR' },
  };
  const answer = await api.call('PUT', `/v1/due-dates/${encodeURIComponent(ref)}`, { key, body });
  expect(answer.status, answer.text).toBe(201);
}

test('a person signs in by link, sees the due dates of a tenant and the story of each, and signs out', async () => {
  const operator = await createOperator(api.service, api.clock, { email: 'anna@example.com', role: 'viewer' });
  const token = await createSignInLink(api.parts.database, api.clock, operator, 10);
  await page.goto(`${api.url}/admin/sign-in?token=${token}`);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('anna@example.com (viewer)').waitFor();

  const row = page.getByRole('row', { name: '2026/12' });
  await row.waitFor();
  expect(await row.innerText()).toMatch(/Ferramenta <b>Verdi<\/b>\s+2026-02-20\s+€1,250\.50\s+overdue\s+0/);
  await row.getByRole('button').click();
  await page.getByRole('dialog').getByText('2026/12').waitFor();
  await page.getByRole('button', { name: 'Close' }).click();

  await page.getByLabel('Tenant').selectOption('studio-bianchi');
  await page.getByRole('row', { name: 'other-1' }).waitFor();
  expect(await row.count()).toBe(0);

  await page.getByLabel('Status').selectOption('paid');
  await page.getByRole('button', { name: 'Show' }).click();
  await page.getByText('No due dates.').waitFor();

  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByLabel('Password').waitFor();
  expect(complaints).toEqual([]);
});

test('the API page opens without a complaint of the browser', async () => {
  await page.goto(`${api.url}/docs`);
  await page.locator('#putCustomer summary').click();
  await page.getByText('Makes or replaces a customer').waitFor();
  expect(complaints).toEqual([]);
});

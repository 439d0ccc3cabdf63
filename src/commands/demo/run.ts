import { z } from 'zod';
import { App } from '../../app.ts';
import type { Config } from '../../config.ts';
import { parseEmailAddress } from '../../domain/email-address.ts';
import { makeLog } from '../../log.ts';
import { createApiKey } from '../../store/api-keys.ts';
import { createTenant } from '../../store/tenants.ts';
import { CommandFailed } from '../command.ts';
import { lineOf } from '../failure.ts';
import { ApiClient } from './api-client.ts';
import { makeContacts } from './contacts.ts';
import { type Findings, showArrivals, showDueDates, showImport } from './findings.ts';
import { importFolder, type InvoiceFile, mostFrequentSeller } from './invoices.ts';
import { askForReminders, awaitEnd, openDueDates } from './reminders.ts';
import { lookIntoSandbox } from './sandbox-view.ts';
import type { Screen } from './screen.ts';

/** The service on empty embedded data, its steps on the screen. */
export async function startService(config: Config, screen: Screen): Promise<App> {
  screen.running('starting PostgreSQL');
  const progress = (line: string): void => {
    screen.done(line);
    screen.running('starting the service');
  };
  const app = await App.start(config, makeLog(config.logLevel), { fresh: true, progress });
  screen.done(`the service listens on ${app.url}`);
  return app;
}

/** The way of the invoices into the sandbox, as another app would go it. Throws when it is stopped on the way. */
export async function sendReminders(
  app: App,
  files: readonly InvoiceFile[],
  screen: Screen,
  stop: AbortSignal,
): Promise<Findings> {
  const { api, key, tenant } = await makeTenant(app, files, stop);
  screen.done(`the tenant ${tenant} (plan medium) and its API key are made`);
  const imported = await importFolder(api, files, (file) => screen.running(`importing ${file}`));
  const contacts = await makeContacts(api);
  showImport(screen, imported, contacts);
  const open = await openDueDates(api);
  if (open.length === 0) throw new CommandFailed('none of these invoices has a due date that could be reminded of');
  const prints = await tryPrinting(app, screen);
  const asking = (done: number, all: number): void => screen.running(`asking for reminders: ${done} of ${all}`);
  const asked = await askForReminders(api, open, prints, asking);
  screen.done(`accepted: ${asked.emails} by email, ${asked.sms} by SMS, of ${open.length} due dates`);
  for (const line of asked.refused) screen.failed(`not accepted: ${line}`);
  const progress = (sent: number): void => screen.running(`preparing PDFs and sending: ${sent} of ${asked.ids.length}`);
  const reminders = await awaitEnd(api, asked.ids, progress, stop);
  const sandbox = await lookIntoSandbox(api);
  await showArrivals(screen, api, reminders, sandbox);
  const findings = { app, key, imported, asked, reminders, sandbox, dueDates: await openDueDates(api) };
  showDueDates(screen, findings.dueDates);
  return findings;
}

const firstPage = {
  html: '<!doctype html><html lang="en"><title>Demo</title><p>Demo</p></html>',
  title: 'Demo',
  language: 'en',
};

/** @returns whether PDFs can be printed here. A first run unpacks Chromium, which takes a while. */
async function tryPrinting({ machinery: { renderer } }: App, screen: Screen): Promise<boolean> {
  screen.running('making Chromium ready');
  try {
    await renderer.render(firstPage, 'demo');
    screen.done(`PDFs are printed by ${renderer.status().detail}`);
    return true;
  } catch (error) {
    screen.note(`the reminders go without their invoice: ${lineOf(error)}`);
    return false;
  }
}

/** The tenant is the firm that wrote most of the invoices. */
async function makeTenant(
  { foundation: { service, clock }, url }: App,
  files: readonly InvoiceFile[],
  stop: AbortSignal,
): Promise<{ api: ApiClient; key: string; tenant: string }> {
  const seller = mostFrequentSeller(files);
  const name = seller?.name.slice(0, 200) ?? 'Sollecito demo';
  const replyTo = parseEmailAddress(seller?.email[0] ?? '') ?? null;
  const { id } = await createTenant(service, clock, { name, plan: 'medium', ref: 'demo' });
  const { secret } = await createApiKey(service, clock, { tenant: id, name: 'demo' });
  const api = new ApiClient(url, secret, stop);
  const settings = { sender: { name }, replyTo, smsSender: smsSender(name) };
  await api.send('PATCH', '/v1/tenant', z.unknown(), { json: settings });
  return { api, key: secret, tenant: name };
}

/** What of a name fits where networks show who sent an SMS: 11 letters and digits. */
function smsSender(name: string): string | null {
  const plain = name.normalize('NFKD').replaceAll(/\p{M}/gu, '');
  return /[a-z][a-z0-9]{0,10}/i.exec(plain)?.[0] ?? null;
}

import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { App } from '../app.ts';
import { type Config, readDemoConfig } from '../config.ts';
import { parseEmailAddress } from '../domain/email-address.ts';
import { makeLog } from '../log.ts';
import { createApiKey } from '../store/api-keys.ts';
import { createTenant } from '../store/tenants.ts';
import { CommandFailed } from './command.ts';
import { ApiClient } from './demo/api-client.ts';
import { importFolder, type InvoiceFile, mostFrequentSeller, readFolder } from './demo/invoices.ts';
import { makeContacts } from './demo/contacts.ts';
import { type Findings, jsonOf, showAddresses, showArrivals, showDueDates, showImport } from './demo/findings.ts';
import { askForReminders, awaitEnd, isTaken, openDueDates } from './demo/reminders.ts';
import { lookIntoSandbox } from './demo/sandbox-view.ts';
import { Screen } from './demo/screen.ts';
import { stopSignal } from './stop-signal.ts';

type DemoOptions = { once: boolean; json: boolean; invoices: string | undefined };

const examples = fileURLToPath(new URL('../../examples/invoices', import.meta.url));

/**
 * `sollecito demo`: the whole way of a reminder on this machine alone, by the same HTTP calls that another app makes.
 * Serves until Ctrl-C unless `once`. @returns 0 only if every reminder was sent.
 */
export async function demo({ once, json, invoices }: DemoOptions): Promise<number> {
  const screen = new Screen(json ? process.stderr : process.stdout);
  const stop = stopSignal();
  screen.title('Sollecito, on this machine alone');
  const files = await readFolder(invoices ?? examples);
  screen.running('starting PostgreSQL');
  const { config, portChosen } = readDemoConfig();
  const app = await start({ ...config, port: await choosePort(config.port, portChosen) }, screen);
  try {
    const findings = await run(app, files, screen, stop);
    if (json) process.stdout.write(`${JSON.stringify(jsonOf(findings))}\n`);
    const ok = findings.asked.refused.length === 0 && findings.reminders.every(isTaken);
    if (once) return ok ? 0 : 1;
    await ended(stop);
    screen.plain('\nStopping');
    return ok ? 0 : 1;
  } catch (error) {
    if (!stop.aborted) throw error;
    screen.plain('\nStopped before it was done');
    return 130;
  } finally {
    screen.end();
    await app.stop();
  }
}

async function start(config: Config, screen: Screen): Promise<App> {
  const progress = (line: string): void => {
    screen.done(line);
    screen.running('starting the service');
  };
  const app = await App.start(config, makeLog(config.logLevel), { fresh: true, progress });
  screen.done(`the service listens on ${app.url}`);
  return app;
}

async function run(app: App, files: readonly InvoiceFile[], screen: Screen, stop: AbortSignal): Promise<Findings> {
  const { api, key, tenant } = await makeTenant(app, files, stop);
  screen.done(`the tenant ${tenant} (plan medium) and its API key are made`);
  const imported = await importFolder(api, files, (file) => screen.running(`importing ${file}`));
  const contacts = await makeContacts(api);
  showImport(screen, imported, contacts);
  const open = await openDueDates(api);
  if (open.length === 0) throw new CommandFailed('none of these invoices has a due date that could be reminded of');
  const asked = await askForReminders(api, open, (done, all) =>
    screen.running(`asking for reminders: ${done} of ${all}`),
  );
  screen.done(`accepted: ${asked.emails} by email, ${asked.sms} by SMS, of ${open.length} due dates`);
  for (const line of asked.refused) screen.failed(`not accepted: ${line}`);
  const progress = (sent: number): void => screen.running(`preparing PDFs and sending: ${sent} of ${asked.ids.length}`);
  const reminders = await awaitEnd(api, asked.ids, progress, stop);
  const sandbox = await lookIntoSandbox(api);
  await showArrivals(screen, api, reminders, sandbox);
  const findings = { app, key, imported, asked, reminders, sandbox, dueDates: await openDueDates(api) };
  showDueDates(screen, findings.dueDates);
  showAddresses(screen, findings);
  return findings;
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

/** The usual port, or any other when that is taken and nobody asked for it. */
async function choosePort(port: number, chosen: boolean): Promise<number> {
  if (chosen || (await isFree(port))) return port;
  return 0;
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, () => server.close(() => resolve(true)));
  });
}

async function ended(stop: AbortSignal): Promise<void> {
  if (stop.aborted) return;
  await new Promise<void>((resolve) => {
    stop.addEventListener('abort', () => resolve(), { once: true });
  });
}

import type { App } from '../../app.ts';
import type { ApiClient } from './api-client.ts';
import type { MadeContacts } from './contacts.ts';
import type { Imported } from './invoices.ts';
import { type Asked, type DemoDueDate, type DemoReminder, isTaken, storyOf } from './reminders.ts';
import type { SandboxView } from './sandbox-view.ts';
import type { Screen } from './screen.ts';

/** All that the demo did. */
export type Findings = {
  app: App;
  key: string;
  imported: Imported;
  asked: Asked;
  reminders: DemoReminder[];
  sandbox: SandboxView;
  dueDates: DemoDueDate[];
};

/** What `--json` prints. */
export function jsonOf({ app, key, imported, asked, reminders, sandbox }: Findings): object {
  return {
    dueDates: imported.dueDates,
    reminders: reminders.map(({ id, dueDate, channel, status, deliveries }) => ({
      id,
      dueDate,
      channel,
      status,
      to: deliveries.map(({ to }) => to),
    })),
    inbox: sandbox.inbox.length,
    sms: sandbox.sms.length,
    urls: urlsOf(app),
    key,
    refused: { files: imported.refused, reminders: asked.refused },
    seconds: Math.round(performance.now() / 100) / 10,
  };
}

const mostRemarks = 6;

export function showImport(screen: Screen, imported: Imported, contacts: MadeContacts): void {
  screen.done(`imported: ${count(imported.files, 'file')}, ${count(imported.dueDates, 'due date')}`);
  const remarks = [...new Set(imported.warnings.map(({ file, message }) => `${file}: ${message}`))];
  for (const remark of remarks.slice(0, mostRemarks)) screen.note(remark);
  if (remarks.length > mostRemarks) screen.note(`and ${count(remarks.length - mostRemarks, 'more remark')}`);
  for (const { file, message } of imported.refused) screen.failed(`${file} cannot be read: ${message}`);
  if (contacts.example === undefined) return;
  const had = `${count(contacts.email, 'customer')} had no email address, ${contacts.phone} no mobile number`;
  screen.note(`${had}: they got made-up ones in the sandbox, such as ${contacts.example}`);
}

/** The first of each channel from its acceptance to the sandbox, and what became of those that were not sent. */
export async function showArrivals(
  screen: Screen,
  api: ApiClient,
  reminders: readonly DemoReminder[],
  { inbox, sms }: SandboxView,
): Promise<void> {
  const sent = reminders.filter(isTaken);
  const line = `sent: ${sent.length} of ${reminders.length}; the sandbox has ${count(inbox.length, 'email')} and ${sms.length} SMS`;
  if (sent.length === reminders.length) screen.done(line);
  else screen.failed(line);
  for (const { status, channel, dueDate, deliveries } of reminders.filter((one) => !isTaken(one))) {
    screen.failed(
      `${channel} for ${dueDate} is ${status}: ${deliveries.flatMap(({ reason }) => reason ?? []).join(', ')}`,
    );
  }
  if (sent.length < reminders.length) screen.note('"npm run -s sollecito doctor" says what is missing here');
  for (const channel of ['email', 'sms'] as const) {
    const first = sent.find((one) => one.channel === channel);
    if (!first) continue;
    const to = first.deliveries[0]?.to ?? '';
    screen.plain(`\n  ${channel === 'email' ? 'Email' : 'SMS'} to ${to}: ${await storyOf(api, first)}`);
    const mail = inbox.find((one) => one.to.includes(to));
    const text = sms.find((one) => one.to === to);
    if (channel === 'email' && mail) {
      const files = mail.attachments.map(({ name, bytes }) => `${name} (${Math.ceil(bytes / 1024)} kB)`);
      screen.plain(`    ${mail.subject}`);
      screen.plain(`    attached: ${files.join(', ') || 'nothing'}`);
    }
    if (channel === 'sms' && text) screen.plain(`    ${text.text.replaceAll('\n', '\n    ')}`);
  }
}

const mostRows = 25;
const longestName = 30;

export function showDueDates(screen: Screen, dueDates: readonly DemoDueDate[]): void {
  const rows = dueDates
    .slice(0, mostRows)
    .map((each) => [
      shortened(each.ref),
      shortened(each.customerName),
      each.dueOn,
      each.timing === 'overdue' ? `${count(each.daysLate, 'day')} late` : each.timing,
      `${each.outstanding.value} ${each.outstanding.currency}`,
      String(each.reminders.count),
      each.reminders.lastStatus ?? '–',
    ]);
  screen.plain('');
  const heads = ['Due date', 'Customer', 'Due on', 'Timing', 'Outstanding', 'Reminders', 'Last one'];
  screen.table(heads, rows, [4, 5]);
  const more = dueDates.length - mostRows;
  if (more > 0) screen.plain(`  and ${more} more`);
}

export function showAddresses(screen: Screen, { app, key }: Findings): void {
  const { admin, api, docs, sandbox } = urlsOf(app);
  screen.plain(`\n  Admin page     ${app.signInUrl ?? admin}`);
  if (app.signInUrl !== undefined) screen.plain('                 (this link signs in once)');
  screen.plain(`  Sandbox inbox  ${sandbox}`);
  screen.plain(`  API page       ${docs}`);
  screen.plain(`  API            ${api} with the key ${key}`);
  screen.plain('\n  Ctrl-C ends it.');
}

function urlsOf({ publicUrl }: App): Record<'admin' | 'api' | 'docs' | 'sandbox', string> {
  return {
    admin: `${publicUrl}/admin`,
    api: `${publicUrl}/v1`,
    docs: `${publicUrl}/docs`,
    sandbox: `${publicUrl}/sandbox`,
  };
}

function shortened(text: string): string {
  return text.length > longestName ? `${text.slice(0, longestName - 1)}…` : text;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

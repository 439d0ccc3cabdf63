import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { EmbeddedPostgres } from '../src/embedded/postgres.ts';
import { sollecito } from './support/command-line.ts';

const examples = path.resolve(import.meta.dirname, '../examples/invoices');
const minutes = 60_000;

let folder: string;
let env: Record<string, string>;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sollecito-demo-'));
  env = { SOLLECITO_DATA_DIR: folder };
});
afterAll(async () => {
  await new EmbeddedPostgres({ dataDir: path.join(folder, 'demo') }).remove();
  rmSync(folder, { recursive: true });
});

type Report = {
  dueDates: number;
  reminders: { id: string; dueDate: string; channel: string; status: string; to: string[] }[];
  inbox: number;
  sms: number;
  urls: Record<string, string>;
  refused: { files: { file: string; code: string }[]; reminders: string[] };
  seconds: number;
};

test(
  'the demo sends a reminder for every due date, once, and says so in one JSON object',
  async () => {
    const { code, stdout, stderr } = await sollecito(['demo', '--once', '--json'], { env });
    expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining('✓') });
    expect(stdout.split('\n')).toHaveLength(2);
    const report: Report = JSON.parse(stdout);
    expect(report.dueDates).toBe(5);
    const byChannel = Map.groupBy(report.reminders, ({ channel }) => channel);
    expect(new Set(byChannel.get('email')?.map(({ dueDate }) => dueDate)).size).toBe(5);
    expect(byChannel.get('sms')?.length).toBeGreaterThanOrEqual(1);
    for (const reminder of report.reminders) {
      expect(reminder).toMatchObject({ id: expect.stringMatching(/^rem_/), status: 'sent' });
      expect(reminder.to).toHaveLength(1);
    }
    expect(report.inbox).toBe(byChannel.get('email')?.length);
    expect(report.sms).toBe(byChannel.get('sms')?.length);
    expect(Object.keys(report.urls)).toEqual(['admin', 'api', 'docs', 'sandbox']);
    expect(report.seconds).toBeGreaterThan(0);
  },
  3 * minutes,
);

test(
  'it begins anew each time, lists files that cannot be read, and moves to a free port when 3000 is taken',
  async () => {
    const invoices = path.join(folder, 'invoices');
    mkdirSync(invoices);
    copyFileSync(path.join(examples, 'IT03999000106_00001.xml'), path.join(invoices, 'a.xml'));
    writeFileSync(path.join(invoices, 'broken.xml'), '<FatturaElettronica><open>');
    writeFileSync(path.join(invoices, 'notes.txt'), 'no invoice');
    const other = await occupy(3000);
    try {
      const run = await sollecito(['demo', '--once', '--json', '--invoices', invoices], { env });
      expect(run.code).toBe(0);
      const report: Report = JSON.parse(run.stdout);
      expect(report).toMatchObject({ dueDates: 1, inbox: 1, sms: 1 });
      expect(report.refused.files).toMatchObject([{ file: 'broken.xml', code: 'xml-broken' }]);
      expect(report.urls['admin']).toMatch(/^http:\/\/localhost:(?!3000\/)\d+\/admin$/);
      expect(run.stderr).toContain('broken.xml cannot be read');
    } finally {
      other?.close();
    }
  },
  3 * minutes,
);

test(
  'without --once it serves until it is told to stop, in words for a person',
  async () => {
    const asked: Promise<number>[] = [];
    const { code, stdout } = await sollecito(['demo'], {
      env: { ...env, PORT: '0' },
      heard(text, end) {
        const sandbox = /Sandbox inbox +(\S+)/.exec(text)?.[1];
        if (asked.length > 0 || sandbox === undefined || !text.includes('Ctrl-C ends it')) return;
        asked.push(
          fetch(sandbox)
            .then((response) => response.status)
            .finally(() => end('SIGTERM')),
        );
      },
    });
    expect(await Promise.all(asked)).toEqual([200]);
    expect(code).toBe(0);
    expect(stdout).toContain('made-up ones in the sandbox');
    expect(stdout).toMatch(/Email to \S+: accepted → queued → sending → sent in/);
    expect(stdout).toMatch(/attached: 2026-87\.pdf/);
    expect(stdout).toMatch(/2026\/87 .* 4382\.00 EUR +2 +sent/);
    expect(stdout).toMatch(/\/admin\/sign-in\?token=/);
  },
  3 * minutes,
);

test(
  'a port that a person chose is not given up for another one',
  async () => {
    const other = await occupy(0);
    const address = other?.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    try {
      const run = await sollecito(['demo', '--once'], { env: { ...env, PORT: String(port) } });
      expect(run.code).toBe(1);
      expect(run.stderr).toBe(`sollecito: port ${port} is taken by another program: set PORT to another one\n`);
    } finally {
      other?.close();
    }
  },
  3 * minutes,
);

test('a folder without invoices is refused before anything is started', async () => {
  const none = path.join(folder, 'none');
  mkdirSync(none);
  expect(await sollecito(['demo', '--once', '--json', '--invoices', none], { env })).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringContaining(`no .xml, .p7m, .pdf or .json file in ${none}`),
  });
  const nowhere = await sollecito(['demo', '--invoices', path.join(folder, 'nowhere')], { env });
  expect(nowhere.code).toBe(1);
  expect(nowhere.stderr).toContain('the folder of invoices cannot be read');
});

/** Listens there, unless something else does already, which is as good. */
async function occupy(port: number): Promise<Server | undefined> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(undefined));
    server.listen(port, () => resolve(server));
  });
}

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Config, readConfig } from '../config.ts';
import {
  checkClock,
  checkSchema,
  checkServer,
  checkSession,
  openDatabase,
  type OpenDatabase,
} from './doctor/database.ts';
import { type Check, type Finding, ok, skipped, wrong } from './doctor/finding.ts';
import { checkChromium, checkDataFolder, checkFonts, checkNode, checkPort } from './doctor/machine.ts';
import { checkEmail, checkSms } from './doctor/providers.ts';
import { checkQueue } from './doctor/queue.ts';
import { checkPublicAddress, checkSecrets } from './doctor/settings.ts';
import { checkSigningKeys } from './doctor/signing-keys.ts';
import { checkWalls } from './doctor/tenant-walls.ts';
import { lineOf } from './failure.ts';

/** `sollecito doctor`. @returns 1 when something that is needed is wrong. */
export async function doctor({ json }: { json: boolean }): Promise<number> {
  const findings: ({ name: string } & Finding)[] = [];
  const scratch = await mkdtemp(path.join(tmpdir(), 'sollecito-doctor-'));
  const visit = new Visit(scratch);
  try {
    for (const check of visit.checks()) {
      const finding = { name: check.name, ...(await look(check)) };
      findings.push(finding);
      if (!json) process.stdout.write(linesOf(finding));
    }
  } finally {
    await visit.end();
    await rm(scratch, { recursive: true, force: true });
  }
  const failed = findings.filter(({ state }) => state === 'wrong');
  if (json) process.stdout.write(`${JSON.stringify({ ok: failed.length === 0, checks: findings })}\n`);
  else process.stdout.write(summaryOf(findings.filter(({ state }) => state === 'warning').length, failed.length));
  return failed.length === 0 ? 0 : 1;
}

/** The checks in order; each may rest on what an earlier one has opened. */
class Visit {
  readonly #scratch: string;
  #config: Config | undefined;
  #database: OpenDatabase | undefined;

  constructor(scratch: string) {
    this.#scratch = scratch;
  }

  checks(): Check[] {
    const configured = (name: string, run: (config: Config) => Finding | Promise<Finding>): Check => ({
      name,
      run: async () => (this.#config ? run(this.#config) : skipped('it needs the configuration')),
    });
    const stored = (name: string, run: (database: OpenDatabase) => Promise<Finding>): Check => ({
      name,
      run: async () => (this.#database ? run(this.#database) : skipped('it needs the database')),
    });
    return [
      { name: 'node', run: async () => checkNode() },
      { name: 'configuration', run: async () => this.#configure() },
      configured('data folder', checkDataFolder),
      configured('secret keys', checkSecrets),
      configured('public address', checkPublicAddress),
      configured('port', checkPort),
      configured('database', (config) => this.#openDatabase(config)),
      stored('schema', checkSchema),
      stored('tenant walls', checkWalls),
      configured('signing keys', (config) =>
        this.#database ? checkSigningKeys(config, this.#database) : skipped('it needs the database'),
      ),
      stored('database session', checkSession),
      stored('clock', checkClock),
      configured('queue', (config) => checkQueue(config, this.#database)),
      configured('chromium', (config) => checkChromium(config, this.#scratch)),
      { name: 'fonts', run: async () => checkFonts() },
      configured('email', checkEmail),
      configured('sms', checkSms),
    ];
  }

  async end(): Promise<void> {
    await this.#database?.close();
  }

  #configure(): Finding {
    try {
      this.#config = readConfig();
      return ok(this.#config.production ? 'for production' : 'for development (NODE_ENV is not production)');
    } catch (error) {
      return wrong(lineOf(error), 'set that variable right');
    }
  }

  async #openDatabase(config: Config): Promise<Finding> {
    const opened = await openDatabase(config, this.#scratch);
    try {
      const finding = await checkServer(opened, config);
      this.#database = opened;
      return finding;
    } catch (error) {
      await opened.close();
      const mend = 'start it, or set DATABASE_URL right; without DATABASE_URL an embedded one is taken';
      return wrong(`${opened.note} does not answer: ${lineOf(error)}`, mend);
    }
  }
}

/** Starting a browser or a database for the first time on a slow machine. */
const mostMs = 120_000;

async function look(check: Check): Promise<Finding> {
  const { promise: late, resolve } = Promise.withResolvers<Finding>();
  const timer = setTimeout(() => resolve(wrong('no answer within two minutes', 'see what keeps it')), mostMs);
  try {
    return await Promise.race([check.run(), late]);
  } catch (error) {
    return wrong(lineOf(error), 'the line says what failed');
  } finally {
    clearTimeout(timer);
  }
}

const signs = { ok: '✓', warning: '!', wrong: '✗', skipped: '–' } as const;

function linesOf({ name, state, detail, mend }: { name: string } & Finding): string {
  const indent = ' '.repeat(20);
  return `${signs[state]} ${name.padEnd(18)}${detail}\n${mend === null ? '' : `${indent}→ ${mend}\n`}`;
}

function summaryOf(warnings: number, failed: number): string {
  if (failed > 0) return `\n${failed} wrong, ${warnings} to look at\n`;
  return warnings > 0 ? `\nNothing is wrong, ${warnings} to look at\n` : '\nAll is well\n';
}

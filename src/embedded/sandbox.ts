import { existsSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import path from 'node:path';
import type { Router } from 'express';
import { z } from 'zod';
import { Inbox, inboxBanner } from './inbox.ts';
import { sandboxPages } from './sandbox-pages.ts';
import { SmsapiLookalike } from './smsapi.ts';

export interface SandboxUrls {
  /** `smtp://127.0.0.1:PORT`; no TLS, no login. */
  readonly smtpUrl: string;
  /** `http://127.0.0.1:PORT`, as the SMSAPI client takes its base URL; any token is right. */
  readonly smsapiUrl: string;
}

const record = z.object({ pid: z.number().nullable(), smtpPort: z.number(), smsapiPort: z.number() });
type SandboxRecord = z.infer<typeof record>;

/** Providers that take every message and deliver none, with pages that show what they took. */
export class Sandbox {
  /** Express: mount it at `/sandbox`. */
  readonly router: Router;
  readonly #dataDir: string;
  readonly #inbox = new Inbox();
  readonly #smsapi = new SmsapiLookalike();
  #started: Promise<SandboxRecord> | undefined;

  constructor(options: { dataDir: string }) {
    this.#dataDir = path.resolve(options.dataDir);
    this.router = sandboxPages(this.#inbox, this.#smsapi);
  }

  /** Listens, on the ports of last time if they are free, and leaves them in `sandbox.json` for other processes. */
  async start(): Promise<SandboxUrls> {
    this.#started ??= this.#listen();
    return urlsOf(await this.#started);
  }

  /** A sandbox that was stopped stays so. */
  async stop(): Promise<void> {
    const started = await this.#started;
    await Promise.all([this.#inbox.stop(), this.#smsapi.stop()]);
    // Another process may have its own in the meantime.
    if (started && readRecord(this.#dataDir)?.pid === process.pid) await this.#write({ ...started, pid: null });
  }

  /** Messages taken since the start. */
  counts(): { inbox: number; sms: number } {
    return { inbox: this.#inbox.taken, sms: this.#smsapi.taken };
  }

  async #listen(): Promise<SandboxRecord> {
    const before = readRecord(this.#dataDir);
    const [smtpPort, smsapiPort] = await Promise.all([
      this.#inbox.start(before?.smtpPort),
      this.#smsapi.start(before?.smsapiPort),
    ]);
    const now = { pid: process.pid, smtpPort, smsapiPort };
    await this.#write(now);
    return now;
  }

  async #write(value: SandboxRecord): Promise<void> {
    await mkdir(this.#dataDir, { recursive: true });
    await writeFile(fileOf(this.#dataDir), `${JSON.stringify(value)}\n`);
  }
}

/** The sandbox that another process on this data folder runs; null when none answers. */
export async function attachSandbox(dataDir: string): Promise<SandboxUrls | null> {
  const found = readRecord(path.resolve(dataDir));
  if (!found || found.pid === null) return null;
  const answers = await Promise.all([isOurInbox(found.smtpPort), isOurSmsapi(found.smsapiPort)]);
  return answers.every(Boolean) ? urlsOf(found) : null;
}

function urlsOf({ smtpPort, smsapiPort }: SandboxRecord): SandboxUrls {
  return { smtpUrl: `smtp://127.0.0.1:${smtpPort}`, smsapiUrl: `http://127.0.0.1:${smsapiPort}` };
}

function fileOf(dataDir: string): string {
  return path.join(dataDir, 'sandbox.json');
}

function readRecord(dataDir: string): SandboxRecord | undefined {
  if (!existsSync(fileOf(dataDir))) return undefined;
  try {
    return record.safeParse(JSON.parse(readFileSync(fileOf(dataDir), 'utf8'))).data;
  } catch {
    // Cut off by a crash: as good as none.
    return undefined;
  }
}

// The ports may be another program's by now.
function isOurInbox(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.setTimeout(2_000, () => socket.destroy());
    socket.once('data', (greeting) => {
      resolve(greeting.toString().includes(inboxBanner));
      socket.end('QUIT\r\n');
    });
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
  });
}

async function isOurSmsapi(port: number): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/profile`, {
      headers: { authorization: 'Bearer sandbox' },
      signal: AbortSignal.timeout(2_000),
    });
    return z.object({ username: z.literal('sandbox') }).safeParse(await response.json()).success;
  } catch {
    return false;
  }
}

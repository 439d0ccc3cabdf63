import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { openSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { freePort } from './redis.ts';
import type { Stage } from './stage.ts';

const root = path.resolve(import.meta.dirname, '..');

/** The service in a process of its own, as in production: from its environment, its log in a file. */
export class Service {
  readonly url: string;
  readonly key: string;
  readonly pid: number;

  private constructor(url: string, key: string, pid: number) {
    this.url = url;
    this.key = key;
    this.pid = pid;
  }

  static async start(stage: Stage, name: string, environment: Record<string, string>): Promise<Service> {
    const port = await freePort();
    const key = `bench-${randomBytes(16).toString('hex')}`;
    const log = openSync(path.join(stage.folder, `${name}.log`), 'w');
    const profile = stage.profile ? ['--cpu-prof', `--cpu-prof-dir=${path.resolve(stage.profile, name)}`] : [];
    const child = spawn(process.execPath, [...profile, path.join(root, 'src/main.ts'), 'start'], {
      cwd: stage.folder,
      stdio: ['ignore', log, log],
      env: {
        PATH: process.env['PATH'],
        HOME: process.env['HOME'],
        NODE_ENV: 'production',
        PORT: String(port),
        PUBLIC_URL: `http://localhost:${port}`,
        SOLLECITO_DATA_DIR: path.join(stage.folder, name),
        SECRET_KEYS: randomBytes(32).toString('hex'),
        MAIL_FROM: 'Officine Rossi <reminders@bench.example>',
        BOOTSTRAP_TENANT: 'bench',
        BOOTSTRAP_API_KEY: key,
        BOOTSTRAP_PLAN: 'large',
        ...environment,
      },
    });
    const ended = new Promise<void>((resolve) => {
      child.once('exit', () => resolve());
      child.once('error', () => resolve());
    });
    stage.keep(async () => {
      child.kill('SIGTERM');
      await ended;
    });
    const service = new Service(`http://127.0.0.1:${port}`, key, child.pid ?? NaN);
    await Promise.race([
      service.#ready(),
      ended.then(() => Promise.reject(new Error(`the service ended; see ${name}.log`))),
    ]);
    return service;
  }

  /** Calls the API. Throws unless it answers 2xx. */
  async call(method: string, where: string, body?: unknown, headers: Record<string, string> = {}): Promise<unknown> {
    const bytes = body instanceof Uint8Array;
    const response = await fetch(this.url + where, {
      method,
      headers: {
        authorization: `Bearer ${this.key}`,
        'content-type': bytes ? 'application/pdf' : 'application/json',
        ...headers,
      },
      ...(body === undefined ? {} : { body: bytes ? Uint8Array.from(body) : JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${where} answered ${response.status}: ${text.slice(0, 500)}`);
    return JSON.parse(text);
  }

  /** Makes so many due dates, each of a customer of its own, and a bank account for all. @returns their refs */
  async seed(count: number): Promise<string[]> {
    await this.call('PUT', '/v1/bank-accounts/main', {
      holder: 'Officine Rossi S.r.l.',
      iban: 'IT60X0542811101000000123456',
      default: true,
    });
    const refs = Array.from({ length: count }, (_, n) => `due-${n}`);
    for (let at = 0; at < count; at += 1_000) {
      const dueDates = refs.slice(at, at + 1_000).map((ref, n) => dueDate(ref, at + n));
      const { items } = statuses.parse(await this.call('POST', '/v1/due-dates/batch', { dueDates }));
      const bad = items.find(({ status }) => status > 299);
      if (bad) throw new Error(`a due date was refused: ${JSON.stringify(bad)}`);
    }
    return refs;
  }

  async #ready(): Promise<void> {
    for (let tries = 0; tries < 600; tries++) {
      const answer = await fetch(`${this.url}/health/ready`).catch(() => undefined);
      if (answer?.ok) return;
      await pause(50);
    }
    throw new Error('the service is not ready after 30 seconds');
  }
}

export const statuses = z.object({ items: z.array(z.looseObject({ status: z.number() })) });

function dueDate(ref: string, n: number) {
  return {
    ref,
    customer: { ref: `customer-${n}`, name: `Cliente ${n} S.r.l.`, email: [`customer-${n}@bench.example`] },
    document: { number: `2026-${n}`, date: '2025-12-31', type: 'invoice' },
    dueOn: '2026-01-31',
    amount: { value: '1220.00', currency: 'EUR' },
    bankAccount: 'main',
  };
}

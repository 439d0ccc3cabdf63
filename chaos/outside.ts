import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { type Channel, countsSchema, ledgerSchema, phaseOrderSchema, readySchema } from './providers/ledger.ts';

/** The providers' process, over its control port. */
export class Outside {
  readonly #child: ChildProcess;
  readonly #ports: z.infer<typeof readySchema>;

  private constructor(child: ChildProcess, ports: z.infer<typeof readySchema>) {
    this.#child = child;
    this.#ports = ports;
  }

  static async start(options: { seed: string; timeScale: number; ledger: string }): Promise<Outside> {
    const main = path.join(import.meta.dirname, 'providers/main.ts');
    const { seed, timeScale, ledger } = options;
    const args = ['--seed', seed, '--time-scale', String(timeScale), '--ledger', ledger];
    const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    const lines = createInterface({ input: child.stdout });
    const said = await Promise.race([
      once(lines, 'line'),
      once(child, 'exit').then(() => Promise.reject(new Error('the providers ended before they were ready'))),
    ]);
    const [line] = z.tuple([z.string()]).parse(said);
    return new Outside(child, readySchema.parse(JSON.parse(line)));
  }

  get environment(): Record<string, string> {
    return {
      SMTP_URL: `smtp://127.0.0.1:${this.#ports.smtpPort}`,
      SMSAPI_URL: `http://127.0.0.1:${this.#ports.smsapiPort}`,
      SMSAPI_TOKEN: 'a-token-that-opens-nothing',
    };
  }

  async phase(order: z.infer<typeof phaseOrderSchema>): Promise<void> {
    await this.#call('POST', '/phase', order);
  }

  /** No more faults. */
  async calm(): Promise<void> {
    await this.#call('POST', '/calm');
  }

  /** Exchanges under way. */
  async open(channel: Channel): Promise<number> {
    const counts = countsSchema.parse(await (await this.#call('GET', '/ledger?counts')).json());
    return counts[channel].open;
  }

  async ledger(): Promise<z.infer<typeof ledgerSchema>> {
    return ledgerSchema.parse(await (await this.#call('GET', '/ledger')).json());
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await gone;
  }

  async #call(method: string, where: string, body?: unknown): Promise<Response> {
    const response = await fetch(`http://127.0.0.1:${this.#ports.controlPort}${where}`, {
      method,
      ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`the providers answered ${response.status} to ${method} ${where}`);
    return response;
  }
}

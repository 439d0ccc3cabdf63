import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';
import type { z } from 'zod';

/**
 * A process of ours on the other end of a line: it says `ready` once, then answers one message with one message. It
 * ends when the line does, so that none is left behind.
 */
export class Child {
  readonly #name: string;
  readonly #process: ChildProcess;
  readonly #ended: Promise<never>;

  private constructor(name: string, child: ChildProcess) {
    this.#name = name;
    this.#process = child;
    this.#ended = new Promise<never>((_, reject) => {
      child.once('exit', (code, signal) => reject(new Error(`${name} ended (${signal ?? code})`)));
      child.once('error', reject);
    });
    this.#ended.catch(() => undefined);
  }

  /** @returns the process and what it said when it was ready. */
  static async start<T>(
    file: URL,
    ready: z.ZodType<T>,
    options: Record<string, unknown> = {},
    nodeOptions: readonly string[] = [],
  ) {
    const child = new Child(
      path.basename(file.pathname),
      fork(file, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], execArgv: [...process.execArgv, ...nodeOptions] }),
    );
    return { child, ready: await child.ask(options, ready) };
  }

  /** Asks, and waits for the answer. Throws when it ends instead, or after two minutes. */
  async ask<T>(message: Record<string, unknown>, answer: z.ZodType<T>): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const late = setTimeout(() => reject(new Error(`${this.#name} did not answer within two minutes`)), 120_000);
    this.#process.once('message', resolve);
    try {
      this.#process.send(message);
      return answer.parse(await Promise.race([promise, this.#ended]));
    } finally {
      clearTimeout(late);
      this.#process.off('message', resolve);
    }
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    this.#process.kill('SIGTERM');
    await this.#ended.catch(() => undefined);
  }
}

/** The child's own side: answers each message in its turn; the first one holds its options. */
export function serve(answer: (message: unknown) => Promise<unknown>): void {
  let turn: Promise<unknown> = Promise.resolve();
  process.on('message', (message) => {
    turn = turn.then(async () => process.send?.(await answer(message)));
  });
  process.once('disconnect', () => process.exit(1));
}

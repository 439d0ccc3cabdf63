import { type ChildProcess, spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../bench/redis.ts';
import { processes, roles, type Role } from './plan-disruptions.ts';

const main = path.resolve(import.meta.dirname, '../src/main.ts');
const readyWithinMs = 60_000;
/** As a supervisor does: what ends by itself is started again. */
const restartAfterMs = 300;

/** A process that ended without settling what it had claimed, when it did. */
export type Stop = { name: string; role: Role; at: number; how: 'killed' | 'terminated' | 'by itself' };

type Member = { name: string; role: Role; number: number; port: number; child: ChildProcess | undefined };

/** The service's processes, each with its roles, its own port and its log in a file; what ends is started again. */
export class Fleet {
  readonly stops: Stop[] = [];
  readonly #members: Member[] = [];
  readonly #folder: string;
  readonly #environment: Record<string, string>;
  readonly #drainMs: number;
  #over = false;

  constructor(options: { folder: string; environment: Record<string, string>; drainMs: number }) {
    this.#folder = options.folder;
    this.#environment = options.environment;
    this.#drainMs = options.drainMs;
  }

  /** Starts all and waits until each is ready. */
  async start(): Promise<void> {
    for (const role of roles) {
      for (let number = 1; number <= processes[role]; number++) {
        this.#members.push({ name: `${role}-${number}`, role, number, port: await freePort(), child: undefined });
      }
    }
    for (const member of this.#members) this.#spawn(member);
    await this.ready();
  }

  /** The addresses of the APIs. */
  urls(): string[] {
    return this.#members.filter(({ role }) => role === 'api').map(({ port }) => `http://127.0.0.1:${port}`);
  }

  async ready(): Promise<void> {
    const late = performance.now() + readyWithinMs;
    for (const { name, port } of this.#members) {
      while (!(await isReady(port))) {
        if (performance.now() > late) throw new Error(`${name} is not ready after ${readyWithinMs / 1_000} s`);
        await pause(100);
      }
    }
  }

  /** SIGKILL; back after `forMs`. */
  async kill(role: Role, number: number, forMs: number): Promise<void> {
    await this.#end(role, number, 'killed', forMs);
  }

  /** SIGTERM, as a deployment does it: SIGKILL only when it outstays its drain by far. Back after `forMs`. */
  async terminate(role: Role, number: number, forMs: number): Promise<void> {
    await this.#end(role, number, 'terminated', forMs);
  }

  /** The API that listens there. */
  async killApiAt(url: string, forMs: number): Promise<void> {
    const member = this.#members.find(({ port }) => url.endsWith(`:${port}`));
    if (member) await this.kill(member.role, member.number, forMs);
  }

  /** SIGTERM to all; `resume` starts them again. */
  async halt(): Promise<void> {
    await Promise.all(this.#members.map(async (member) => this.#terminated(member)));
  }

  async resume(): Promise<void> {
    for (const member of this.#members) this.#spawn(member);
    await this.ready();
  }

  /** As for the service's own commands. */
  environmentOfCommands(): Record<string, string | undefined> {
    return { PATH: process.env['PATH'], HOME: process.env['HOME'], ...this.#environment };
  }

  async stop(): Promise<void> {
    this.#over = true;
    await this.halt();
  }

  async #end(role: Role, number: number, how: 'killed' | 'terminated', forMs: number): Promise<void> {
    const member = this.#members.find((one) => one.role === role && one.number === number);
    const child = member?.child;
    if (!member || !child) return;
    // Taken off first, so that its end is not taken for one of its own doing.
    member.child = undefined;
    // From the signal to the end: claims of that time may be left without a settling.
    if (how === 'killed') await killed(child);
    else await ended(child, this.#drainMs);
    this.stops.push({ name: member.name, role, at: Date.now(), how });
    await pause(forMs);
    if (!this.#over) this.#spawn(member);
  }

  async #terminated(member: Member): Promise<void> {
    const { child } = member;
    member.child = undefined;
    if (child) await ended(child, this.#drainMs);
  }

  #spawn(member: Member): void {
    const log = openSync(path.join(this.#folder, `${member.name}.log`), 'a');
    const child = spawn(process.execPath, [main, 'start'], {
      cwd: this.#folder,
      stdio: ['ignore', log, log],
      env: {
        ...this.environmentOfCommands(),
        PORT: String(member.port),
        SOLLECITO_ROLES: rolesOf(member),
      },
    });
    member.child = child;
    child.once('exit', () => void this.#left(member, child));
    child.once('error', () => void this.#left(member, child));
  }

  async #left(member: Member, child: ChildProcess): Promise<void> {
    if (this.#over || member.child !== child) return;
    member.child = undefined;
    this.stops.push({ name: member.name, role: member.role, at: Date.now(), how: 'by itself' });
    await pause(restartAfterMs);
    if (!this.#over && member.child === undefined) this.#spawn(member);
  }
}

/** One worker renders documents; the others only send. */
function rolesOf({ role, number }: Member): string {
  return role !== 'worker' || number === 1 ? role : 'worker:email,worker:sms';
}

async function isReady(port: number): Promise<boolean> {
  const answer = await fetch(`http://127.0.0.1:${port}/health/ready`).catch(() => undefined);
  await answer?.body?.cancel();
  return answer?.ok ?? false;
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

async function killed(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
}

async function ended(child: ChildProcess, drainMs: number): Promise<void> {
  if (hasEnded(child)) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  // The drain, and what is bounded after it (connections of queue and database).
  const patience = setTimeout(() => child.kill('SIGKILL'), drainMs + 20_000);
  await gone;
  clearTimeout(patience);
}

import type { Logger } from 'pino';
import type { Config } from './config.ts';
import { EmbeddedPostgres } from './embedded/postgres.ts';
import { attachSandbox, Sandbox, type SandboxUrls } from './embedded/sandbox.ts';
import { migrateQueue } from './queue/queue-backend.ts';
import { secretKeys } from './secrets.ts';
import { DatabaseClock } from './store/database-clock.ts';
import { Database } from './store/database.ts';
import { migrate, requireSchema } from './store/migrate.ts';

/** What everything else stands on: PostgreSQL under two roles, the clock, the secrets, and on a laptop the sandbox. */
export type Foundation = {
  databaseUrl: string;
  queueUrl: string;
  /** Sees all tenants: dispatcher, workers, command line. */
  service: Database;
  /** Sees the tenant that was set: the API. */
  api: Database;
  clock: DatabaseClock;
  secretKeys: readonly string[];
  sandbox: Sandbox | undefined;
  sandboxUrls: SandboxUrls | undefined;
  stop(): Promise<void>;
};

export type FoundationOptions = {
  /** Empties the embedded data first: the demo. */
  fresh?: boolean;
  /** Called with a line for each step that takes a moment. */
  progress?: (line: string) => void;
  /** Whether a sandbox may be started here (a process that serves pages), or only found. */
  sandbox?: boolean;
};

/** Starts what must stand first, in order; what was started is stopped again when a later step fails. */
export async function layFoundation(config: Config, log: Logger, options: FoundationOptions = {}): Promise<Foundation> {
  const progress = options.progress ?? (() => undefined);
  const started: (() => Promise<void> | void)[] = [];
  const stop = async (): Promise<void> => {
    for (const end of started.splice(0).reverse()) await end();
  };
  try {
    const databaseUrl = config.databaseUrl ?? (await embeddedPostgres(config, options, started));
    progress(config.databaseUrl ? 'PostgreSQL answers' : 'PostgreSQL is up (embedded)');
    const queueUrl = config.queueUrl ?? databaseUrl;
    if (config.databaseUrl) await requireSchema(databaseUrl);
    else await migrate(databaseUrl, async () => migrateQueue(queueUrl));
    progress('the schema is in place');
    const service = new Database({ url: databaseUrl, role: 'service', poolMax: config.dbPoolMax });
    const api = new Database({ url: databaseUrl, role: 'api', poolMax: config.dbPoolMax });
    const clock = new DatabaseClock(service);
    for (const part of [service, api, clock]) {
      started.push(async () => part.stop());
      await part.start();
    }
    const { sandbox, sandboxUrls } = await startSandbox(config, options, started);
    if (sandboxUrls) progress('the sandbox takes emails and SMS');
    log.debug('foundation laid');
    return {
      databaseUrl,
      queueUrl,
      service,
      api,
      clock,
      secretKeys: secretKeys(config.secretKeys, config.dataDir),
      sandbox,
      sandboxUrls,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

type Started = (() => Promise<void> | void)[];

async function embeddedPostgres(config: Config, options: FoundationOptions, started: Started): Promise<string> {
  const postgres = new EmbeddedPostgres({ dataDir: config.dataDir, fresh: options.fresh ?? false });
  started.push(async () => postgres.stop());
  return (await postgres.start()).url;
}

/** A channel without its variables goes to the sandbox, where one is allowed. */
async function startSandbox(config: Config, options: FoundationOptions, started: Started) {
  const wanted = config.sandbox && (config.smtpUrl === null || config.smsapiToken === null);
  if (!wanted) return { sandbox: undefined, sandboxUrls: undefined };
  const running = await attachSandbox(config.dataDir);
  if (running) return { sandbox: undefined, sandboxUrls: running };
  if (options.sandbox === false) return { sandbox: undefined, sandboxUrls: undefined };
  const sandbox = new Sandbox({ dataDir: config.dataDir });
  started.push(async () => sandbox.stop());
  return { sandbox, sandboxUrls: await sandbox.start() };
}

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';

export const roles = ['api', 'dispatcher', 'worker:email', 'worker:sms', 'worker:documents'] as const;
export type Role = (typeof roles)[number];

/** What the service runs with; `null` means: what the defaults of docs/configuration.md say is found or started at the start. */
export type Config = {
  production: boolean;
  port: number;
  publicUrl: string | null;
  internalPort: number | null;
  trustProxy: boolean | number | string;
  databaseUrl: string | null;
  queueUrl: string | null;
  dataDir: string;
  roles: ReadonlySet<Role>;
  smtpUrl: string | null;
  mailFrom: string | null;
  smsapiToken: string | null;
  smsapiUrl: string | null;
  smsFrom: string | null;
  sandbox: boolean;
  chromiumPath: string | null;
  secretKeys: readonly string[] | null;
  admin: { email: string; password: string } | null;
  bootstrap: { tenant: string; apiKey: string; plan: string } | null;
  sendTimeoutMs: number;
  drainTimeoutMs: number;
  dbPoolMax: number;
  concurrency: { email: number; sms: number; documents: number };
  logLevel: string;
};

/** One line for a person: which variable, what it holds (secrets masked), what it takes. */
export class ConfigError extends Error {
  constructor(variable: string, value: string | undefined, takes: string) {
    const holds =
      value === undefined ? 'is not set' : `holds ${secretNames.has(variable) ? '***' : JSON.stringify(value)}`;
    super(`${variable} ${holds}; it takes ${takes}`);
    this.name = 'ConfigError';
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

const secretNames = new Set([
  'DATABASE_URL',
  'QUEUE_URL',
  'SMTP_URL',
  'SMSAPI_TOKEN',
  'SECRET_KEYS',
  'ADMIN_PASSWORD',
  'BOOTSTRAP_API_KEY',
]);

/** Reads the environment, once. Throws ConfigError for the first value that is wrong. */
export function readConfig(environment: Environment = process.env): Config {
  const read = reader(environment);
  const production = environment['NODE_ENV'] === 'production';
  const sandbox = read('SOLLECITO_SANDBOX', flag, '1 or 0') ?? !production;
  const config: Config = {
    production,
    port: read('PORT', port(0), 'a port from 0 to 65535') ?? 3000,
    publicUrl: read('PUBLIC_URL', httpUrl, 'an http or https address') ?? null,
    internalPort: read('INTERNAL_PORT', port(0), 'a port from 0 to 65535') ?? null,
    trustProxy: read('TRUST_PROXY', trustProxy, 'true, false, a number of hops, or addresses') ?? false,
    databaseUrl:
      read('DATABASE_URL', scheme('postgres', 'postgresql'), 'postgres://user:password@host:port/name') ?? null,
    queueUrl:
      read('QUEUE_URL', scheme('postgres', 'postgresql', 'redis', 'rediss'), 'postgres://…, redis://… or rediss://…') ??
      null,
    dataDir: resolve(read('SOLLECITO_DATA_DIR', z.string(), 'a folder') ?? '.sollecito'),
    roles: read('SOLLECITO_ROLES', roleList, `all, or a comma list of ${roles.join(', ')}, worker`) ?? new Set(roles),
    smtpUrl: read('SMTP_URL', scheme('smtp', 'smtps'), 'smtp://user:password@host:port or smtps://…') ?? null,
    mailFrom: read('MAIL_FROM', mailbox, 'an address, or Name <address>') ?? null,
    smsapiToken: read('SMSAPI_TOKEN', z.string(), 'the token of an SMSAPI account') ?? null,
    smsapiUrl: read('SMSAPI_URL', httpUrl, 'an http or https address') ?? null,
    smsFrom:
      read('SMS_FROM', z.string().regex(/^[A-Za-z0-9 .]{1,11}$/), 'a sender name of at most 11 letters and digits') ??
      null,
    sandbox,
    chromiumPath: read('CHROMIUM_PATH', z.string(), 'the path of a Chromium or Chrome') ?? null,
    secretKeys: read('SECRET_KEYS', secretKeys, 'a comma list of keys of at least 32 characters each') ?? null,
    admin: pair(
      read,
      'ADMIN_EMAIL',
      z.email(),
      'an address',
      'ADMIN_PASSWORD',
      z.string().min(10),
      'at least 10 characters',
    ),
    bootstrap: bootstrap(read),
    sendTimeoutMs: read('SEND_TIMEOUT_MS', whole(100, 600_000), 'milliseconds from 100 to 600000') ?? 30_000,
    drainTimeoutMs: read('DRAIN_TIMEOUT_MS', whole(0, 600_000), 'milliseconds from 0 to 600000') ?? 25_000,
    dbPoolMax: read('DB_POOL_MAX', whole(2, 1_000), 'a number from 2 to 1000') ?? 20,
    concurrency: {
      email: read('EMAIL_CONCURRENCY', whole(1, 500), 'a number from 1 to 500') ?? 10,
      sms: read('SMS_CONCURRENCY', whole(1, 500), 'a number from 1 to 500') ?? 5,
      documents: read('DOCUMENT_CONCURRENCY', whole(1, 32), 'a number from 1 to 32') ?? 2,
    },
    logLevel:
      read(
        'LOG_LEVEL',
        z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']),
        'trace, debug, info, warn, error, fatal or silent',
      ) ?? 'info',
  };
  requireProduction(config);
  return config;
}

type Read = <T>(variable: string, schema: z.ZodType<T>, takes: string) => T | undefined;

/** Each variable may come as NAME, or as the content of the file that NAME_FILE names. An empty one counts as not set. */
function reader(environment: Environment): Read {
  return (variable, schema, takes) => {
    const value = environment[variable] || fromFile(variable, environment[`${variable}_FILE`]);
    if (value === undefined || value === '') return undefined;
    const parsed = schema.safeParse(value);
    if (!parsed.success) throw new ConfigError(variable, value, takes);
    return parsed.data;
  };
}

function fromFile(variable: string, path: string | undefined): string | undefined {
  if (!path) return undefined;
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    throw new ConfigError(`${variable}_FILE`, path, 'the path of a file that can be read');
  }
}

function requireProduction(config: Config): void {
  if (!config.production || config.sandbox) return;
  if (!config.databaseUrl)
    throw new ConfigError(
      'DATABASE_URL',
      undefined,
      'postgres://user:password@host:port/name (nothing embedded starts in production)',
    );
  if (!config.secretKeys)
    throw new ConfigError('SECRET_KEYS', undefined, 'a comma list of keys of at least 32 characters each');
  if (config.smtpUrl && !config.mailFrom)
    throw new ConfigError('MAIL_FROM', undefined, 'the address that emails come from');
}

function bootstrap(read: Read): Config['bootstrap'] {
  const tenant = read('BOOTSTRAP_TENANT', z.string().min(1).max(128), 'a ref of 1 to 128 characters');
  const apiKey = read('BOOTSTRAP_API_KEY', z.string().min(16).max(255), 'at least 16 characters');
  const plan =
    read('BOOTSTRAP_PLAN', z.enum(['essential', 'medium', 'large']), 'essential, medium or large') ?? 'essential';
  if (tenant === undefined && apiKey === undefined) return null;
  if (tenant === undefined)
    throw new ConfigError('BOOTSTRAP_TENANT', undefined, 'a ref, since BOOTSTRAP_API_KEY is set');
  if (apiKey === undefined)
    throw new ConfigError('BOOTSTRAP_API_KEY', undefined, 'a key, since BOOTSTRAP_TENANT is set');
  return { tenant, apiKey, plan };
}

function pair(
  read: Read,
  ...[emailName, email, emailTakes, passwordName, password, passwordTakes]: [
    string,
    z.ZodType<string>,
    string,
    string,
    z.ZodType<string>,
    string,
  ]
): Config['admin'] {
  const first = read(emailName, email, emailTakes);
  const second = read(passwordName, password, passwordTakes);
  if (first === undefined && second === undefined) return null;
  if (first === undefined) throw new ConfigError(emailName, undefined, `${emailTakes}, since ${passwordName} is set`);
  if (second === undefined)
    throw new ConfigError(passwordName, undefined, `${passwordTakes}, since ${emailName} is set`);
  return { email: first, password: second };
}

function whole(least: number, most: number): z.ZodType<number> {
  return z.string().regex(/^\d+$/).transform(Number).pipe(z.number().min(least).max(most));
}

function port(least: number): z.ZodType<number> {
  return whole(least, 65_535);
}

function scheme(...schemes: string[]): z.ZodType<string> {
  return z.string().refine((text) => URL.canParse(text) && schemes.includes(new URL(text).protocol.slice(0, -1)));
}

const flag = z.enum(['0', '1']).transform((text) => text === '1');
const httpUrl = scheme('http', 'https').transform((text) => text.replace(/\/+$/, ''));
const mailbox = z.string().regex(/^(?:[^<>\r\n]*<[^<>\s@]+@[^<>\s@]+>|[^<>\s@]+@[^<>\s@]+)$/);

const trustProxy = z.string().transform((text): boolean | number | string => {
  if (text === 'true' || text === 'false') return text === 'true';
  return /^\d+$/.test(text) ? Number(text) : text;
});

const secretKeys = z
  .string()
  .transform((text) => text.split(',').map((key) => key.trim()))
  .refine((keys) => keys.every((key) => key.length >= 32));

const roleList = z
  .string()
  .transform((text) => text.split(',').map((role) => role.trim()))
  .transform((names, context): ReadonlySet<Role> => {
    const chosen = names.flatMap((name): Role[] => {
      if (name === 'all') return [...roles];
      if (name === 'worker') return roles.filter((role) => role.startsWith('worker:'));
      const role = roles.find((known) => known === name);
      if (!role) context.addIssue({ code: 'custom', message: 'unknown role' });
      return role ? [role] : [];
    });
    return new Set(chosen);
  });

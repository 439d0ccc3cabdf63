import { join, resolve } from 'node:path';
import { z } from 'zod';
import {
  ConfigError,
  type Environment,
  flag,
  httpUrl,
  mailbox,
  type Read,
  reader,
  type Role,
  roleList,
  roles,
  scheme,
  secretKeyList,
  smtpUrl,
  trustProxy,
  whole,
} from './config-values.ts';

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
  /** Sends nothing: started with `--held`. */
  held: boolean;
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
  /** By what the machinery's durations are multiplied: 1, or less in a trial. */
  timeScale: number;
  dbPoolMax: number;
  concurrency: { email: number; sms: number; documents: number };
  logLevel: string;
};

/** Reads the environment, once. Throws ConfigError for the first value that is wrong. */
export function readConfig(environment: Environment = process.env): Config {
  const read = reader(environment);
  const production = environment['NODE_ENV'] === 'production';
  const config: Config = {
    production,
    ...http(read),
    ...stores(read),
    roles: read('SOLLECITO_ROLES', roleList, `all, or a comma list of ${roles.join(', ')}, worker`) ?? new Set(roles),
    held: false,
    ...providers(read),
    sandbox: read('SOLLECITO_SANDBOX', flag, '1 or 0') ?? !production,
    chromiumPath: read('CHROMIUM_PATH', z.string(), 'the path of a Chromium or Chrome') ?? null,
    secretKeys: read('SECRET_KEYS', secretKeyList, secretKeysTake) ?? null,
    admin: firstOperator(read),
    bootstrap: bootstrap(read),
    ...limits(read),
    timeScale: read('SOLLECITO_TIME_SCALE', timeScale, timeScaleTakes) ?? 1,
    logLevel: read('LOG_LEVEL', logLevel, 'trace, debug, info, warn, error, fatal or silent') ?? 'info',
  };
  requireProduction(config);
  return config;
}

/** Of this process's roles only the one that sends nothing: the API. No dispatcher, no reconciler, no worker. */
export function heldBack(config: Config): Config {
  return { ...config, held: true, roles: new Set([...config.roles].filter((role) => role === 'api')) };
}

/** What the demo heeds of the environment: never a real database or provider. */
const demoVariables = ['PORT', 'PUBLIC_URL', 'SOLLECITO_DATA_DIR', 'CHROMIUM_PATH', 'LOG_LEVEL'];

/**
 * The demo's configuration: everything embedded, in a folder of its own, and quiet unless `LOG_LEVEL` says otherwise.
 * `portChosen`: a person set PORT, so that no other one will do. Throws ConfigError.
 */
export function readDemoConfig(environment: Environment = process.env): { config: Config; portChosen: boolean } {
  const names = demoVariables.flatMap((name) => [name, `${name}_FILE`]);
  const heeded: Environment = { LOG_LEVEL: 'silent', ...pick(environment, names) };
  const config = readConfig(heeded);
  const portChosen = Boolean(heeded['PORT'] || heeded['PORT_FILE']);
  return { config: { ...config, dataDir: join(config.dataDir, 'demo') }, portChosen };
}

const portTakes = 'a port from 0 to 65535';
const port = whole(0, 65_535);
const secretKeysTake = 'a comma list of keys of at least 32 characters each';
// What the header Authorization carries (RFC 6750 §2.1): the rest could never be sent.
const bearerKey = z.string().regex(/^[\x21-\x7e]{16,255}$/);
const timeScaleTakes = 'a number from 0.01 to 1';
const timeScale = z
  .string()
  .regex(/^\d+(?:\.\d+)?$/)
  .transform(Number)
  .pipe(z.number().min(0.01).max(1));
const logLevel = z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']);

function http(read: Read) {
  const publicPort = read('PORT', port, portTakes) ?? 3000;
  return {
    port: publicPort,
    publicUrl: read('PUBLIC_URL', httpUrl, 'an http or https address') ?? null,
    internalPort: internalPort(read, publicPort),
    trustProxy: read('TRUST_PROXY', trustProxy, 'true, false, a number of hops, or a comma list of addresses') ?? false,
  };
}

function internalPort(read: Read, publicPort: number): number | null {
  const wanted = read('INTERNAL_PORT', port, portTakes) ?? null;
  if (wanted === null || wanted === 0 || wanted !== publicPort) return wanted;
  throw new ConfigError('INTERNAL_PORT', String(wanted), 'another port than PORT, or nothing to share it');
}

function stores(read: Read) {
  const postgres = ['postgres', 'postgresql'];
  const queue = scheme(...postgres, 'redis', 'rediss');
  return {
    databaseUrl: read('DATABASE_URL', scheme(...postgres), 'postgres://user:password@host:port/name') ?? null,
    queueUrl: read('QUEUE_URL', queue, 'postgres://…, redis://… or rediss://…') ?? null,
    dataDir: resolve(read('SOLLECITO_DATA_DIR', z.string(), 'a folder') ?? '.sollecito'),
  };
}

function providers(read: Read) {
  const smsSender = z.string().regex(/^[A-Za-z0-9 .]{1,11}$/);
  return {
    smtpUrl: read('SMTP_URL', smtpUrl, 'smtp://user:password@host:port or smtps://…') ?? null,
    mailFrom: read('MAIL_FROM', mailbox, 'an address, or Name <address>') ?? null,
    smsapiToken: read('SMSAPI_TOKEN', z.string(), 'the token of an SMSAPI account') ?? null,
    smsapiUrl: read('SMSAPI_URL', httpUrl, 'an http or https address') ?? null,
    smsFrom: read('SMS_FROM', smsSender, 'a sender name of at most 11 letters and digits') ?? null,
  };
}

function firstOperator(read: Read): Config['admin'] {
  const email = read('ADMIN_EMAIL', z.email(), 'an address');
  const password = read('ADMIN_PASSWORD', z.string().min(10), 'at least 10 characters');
  if (email === undefined && password === undefined) return null;
  if (email === undefined) throw new ConfigError('ADMIN_EMAIL', undefined, 'an address, since ADMIN_PASSWORD is set');
  if (password === undefined)
    throw new ConfigError('ADMIN_PASSWORD', undefined, 'at least 10 characters, since ADMIN_EMAIL is set');
  return { email, password };
}

function bootstrap(read: Read): Config['bootstrap'] {
  const plans = z.enum(['essential', 'medium', 'large']);
  const tenant = read('BOOTSTRAP_TENANT', z.string().min(1).max(128), 'a ref of 1 to 128 characters');
  const apiKey = read('BOOTSTRAP_API_KEY', bearerKey, 'from 16 to 255 visible ASCII characters, without spaces');
  const plan = read('BOOTSTRAP_PLAN', plans, 'essential, medium or large') ?? 'essential';
  if (tenant === undefined && apiKey === undefined) return null;
  if (tenant === undefined)
    throw new ConfigError('BOOTSTRAP_TENANT', undefined, 'a ref, since BOOTSTRAP_API_KEY is set');
  if (apiKey === undefined)
    throw new ConfigError('BOOTSTRAP_API_KEY', undefined, 'a key, since BOOTSTRAP_TENANT is set');
  return { tenant, apiKey, plan };
}

function limits(read: Read) {
  const milliseconds = (variable: string, least: number): number | undefined =>
    read(variable, whole(least, 600_000), `milliseconds from ${least} to 600000`);
  const count = (variable: string, least: number, most: number): number | undefined =>
    read(variable, whole(least, most), `a number from ${least} to ${most}`);
  return {
    sendTimeoutMs: milliseconds('SEND_TIMEOUT_MS', 100) ?? 30_000,
    drainTimeoutMs: milliseconds('DRAIN_TIMEOUT_MS', 0) ?? 25_000,
    dbPoolMax: count('DB_POOL_MAX', 2, 1_000) ?? 20,
    concurrency: {
      email: count('EMAIL_CONCURRENCY', 1, 500) ?? 10,
      sms: count('SMS_CONCURRENCY', 1, 500) ?? 5,
      documents: count('DOCUMENT_CONCURRENCY', 1, 32) ?? 2,
    },
  };
}

function requireProduction(config: Config): void {
  if (!config.production || config.sandbox) return;
  if (!config.databaseUrl)
    throw new ConfigError(
      'DATABASE_URL',
      undefined,
      'postgres://user:password@host:port/name (nothing embedded starts in production)',
    );
  if (!config.secretKeys) throw new ConfigError('SECRET_KEYS', undefined, secretKeysTake);
  if (config.smtpUrl && !config.mailFrom)
    throw new ConfigError('MAIL_FROM', undefined, 'the address that emails come from, since SMTP_URL is set');
  if (config.timeScale !== 1)
    throw new ConfigError('SOLLECITO_TIME_SCALE', String(config.timeScale), 'nothing in production without a sandbox');
}

function pick(environment: Environment, names: readonly string[]): Environment {
  return Object.fromEntries(names.flatMap((name) => (environment[name] ? [[name, environment[name]]] : [])));
}

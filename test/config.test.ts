import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Config, readConfig, readDemoConfig } from '../src/config.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sollecito-config-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const key = 'k'.repeat(32);

describe('a wrong value', () => {
  const wrong: [variable: string, value: string, holds: string, takes: string][] = [
    ['PORT', '70000', '"70000"', 'a port from 0 to 65535'],
    ['PORT', 'http', '"http"', 'a port from 0 to 65535'],
    ['PUBLIC_URL', 'reminders.example.com', '"reminders.example.com"', 'an http or https address'],
    ['PUBLIC_URL', 'https://example.com/?a=1', '"https://example.com/?a=1"', 'an http or https address'],
    ['INTERNAL_PORT', '-1', '"-1"', 'a port from 0 to 65535'],
    ['TRUST_PROXY', 'yes', '"yes"', 'true, false, a number of hops, or a comma list of addresses'],
    ['TRUST_PROXY', '10.0.0.0/40', '"10.0.0.0/40"', 'true, false, a number of hops, or a comma list of addresses'],
    ['DATABASE_URL', 'mysql://root:hush@db/app', '"mysql://***@db/app"', 'postgres://user:password@host:port/name'],
    ['DATABASE_URL', 'hush hush', '***', 'postgres://user:password@host:port/name'],
    ['QUEUE_URL', 'amqp://u:hush@mq', '"amqp://***@mq"', 'postgres://…, redis://… or rediss://…'],
    ['QUEUE_URL', 'redis://', '***', 'postgres://…, redis://… or rediss://…'],
    [
      'SOLLECITO_ROLES',
      'api,boss',
      '"api,boss"',
      'all, or a comma list of api, dispatcher, worker:email, worker:sms, worker:documents, worker',
    ],
    ['SMTP_URL', 'http://u:hush@mx', '"http://***@mx/"', 'smtp://user:password@host:port or smtps://…'],
    ['SMTP_URL', 'smtp://u:hush%@mx', '"smtp://***@mx"', 'smtp://user:password@host:port or smtps://…'],
    ['SMTP_URL', 'smtp://mx/inbox', '"smtp://mx/inbox"', 'smtp://user:password@host:port or smtps://…'],
    ['MAIL_FROM', 'us', '"us"', 'an address, or Name <address>'],
    ['SMSAPI_URL', 'ftp://sms', '"ftp://sms"', 'an http or https address'],
    ['SMS_FROM', 'Much too long a name', '"Much too long a name"', 'a sender name of at most 11 letters and digits'],
    ['SOLLECITO_SANDBOX', 'on', '"on"', '1 or 0'],
    ['SOLLECITO_TIME_SCALE', '0.001', '"0.001"', 'a number from 0.01 to 1'],
    ['SOLLECITO_TIME_SCALE', '2', '"2"', 'a number from 0.01 to 1'],
    ['SOLLECITO_TIME_SCALE', '1e-1', '"1e-1"', 'a number from 0.01 to 1'],
    ['SECRET_KEYS', 'short', '***', 'a comma list of keys of at least 32 characters each'],
    ['SECRET_KEYS', `${key},short`, '***', 'a comma list of keys of at least 32 characters each'],
    ['ADMIN_EMAIL', 'admin', '"admin"', 'an address'],
    ['ADMIN_PASSWORD', 'hush', '***', 'at least 10 characters'],
    ['BOOTSTRAP_API_KEY', 'hush', '***', 'from 16 to 255 visible ASCII characters, without spaces'],
    [
      'BOOTSTRAP_API_KEY',
      'chosen by the compose file',
      '***',
      'from 16 to 255 visible ASCII characters, without spaces',
    ],
    ['BOOTSTRAP_API_KEY', 'chiave-perché-no-così', '***', 'from 16 to 255 visible ASCII characters, without spaces'],
    ['INTERNAL_PORT', '3000', '"3000"', 'another port than PORT, or nothing to share it'],
    ['BOOTSTRAP_PLAN', 'gold', '"gold"', 'essential, medium or large'],
    ['SEND_TIMEOUT_MS', '30s', '"30s"', 'milliseconds from 100 to 600000'],
    ['DRAIN_TIMEOUT_MS', '1e9', '"1e9"', 'milliseconds from 0 to 600000'],
    ['DB_POOL_MAX', '1', '"1"', 'a number from 2 to 1000'],
    ['EMAIL_CONCURRENCY', '0', '"0"', 'a number from 1 to 500'],
    ['SMS_CONCURRENCY', '501', '"501"', 'a number from 1 to 500'],
    ['DOCUMENT_CONCURRENCY', '2.5', '"2.5"', 'a number from 1 to 32'],
    ['LOG_LEVEL', 'loud', '"loud"', 'trace, debug, info, warn, error, fatal or silent'],
  ];

  test.each(wrong)('of %s (%s) is told in one line', (variable, value, holds, takes) => {
    expect(messageOf({ [variable]: value })).toBe(`${variable} holds ${holds}; it takes ${takes}`);
  });

  test.each(wrong)('of %s (%s) is told when it comes from a file', (variable, value, holds, takes) => {
    const file = path.join(folder, 'value');
    writeFileSync(file, `${value}\n`);
    expect(messageOf({ [`${variable}_FILE`]: file })).toBe(`${variable} holds ${holds}; it takes ${takes}`);
  });

  test('never shows a secret', () => {
    for (const [variable, value] of wrong) {
      const message = messageOf({ [variable]: value });
      expect(message).not.toContain('hush');
      expect(message).not.toContain(key);
    }
  });
});

describe('what belongs together', () => {
  test('an operator needs both address and password', () => {
    expect(messageOf({ ADMIN_EMAIL: 'a@b.example' })).toBe(
      'ADMIN_PASSWORD is not set; it takes at least 10 characters, since ADMIN_EMAIL is set',
    );
    expect(messageOf({ ADMIN_PASSWORD: 'long enough' })).toBe(
      'ADMIN_EMAIL is not set; it takes an address, since ADMIN_PASSWORD is set',
    );
  });

  test('a bootstrap tenant needs both ref and key', () => {
    expect(messageOf({ BOOTSTRAP_TENANT: 'rossi' })).toContain('BOOTSTRAP_API_KEY is not set');
    expect(messageOf({ BOOTSTRAP_API_KEY: key })).toContain('BOOTSTRAP_TENANT is not set');
    expect(readConfig({ BOOTSTRAP_TENANT: 'rossi', BOOTSTRAP_API_KEY: key }).bootstrap).toEqual({
      tenant: 'rossi',
      apiKey: key,
      plan: 'essential',
    });
  });
});

describe('in production', () => {
  const production = { NODE_ENV: 'production', DATABASE_URL: 'postgres://db/app', SECRET_KEYS: key };

  test.each(['DATABASE_URL', 'SECRET_KEYS'])('%s is required', (variable) => {
    expect(messageOf({ ...production, [variable]: '' })).toMatch(new RegExp(`^${variable} is not set; it takes `));
  });

  test('a mail server needs an address that mail comes from', () => {
    expect(messageOf({ ...production, SMTP_URL: 'smtp://mx' })).toMatch(/^MAIL_FROM is not set; /);
    expect(messageOf({ ...production, SOLLECITO_TIME_SCALE: '0.1' })).toMatch(/^SOLLECITO_TIME_SCALE holds "0.1"; /);
    expect(readConfig({ ...production, SOLLECITO_TIME_SCALE: '1' }).timeScale).toBe(1);
  });

  test('no sandbox stands by itself, and nothing is required with one', () => {
    expect(readConfig(production).sandbox).toBe(false);
    expect(readConfig({ NODE_ENV: 'production', SOLLECITO_SANDBOX: '1' })).toMatchObject({
      sandbox: true,
      databaseUrl: null,
    });
  });
});

test('NAME_FILE is read, without the line end, and NAME goes before it', () => {
  const file = path.join(folder, 'token');
  writeFileSync(file, 'from-file\r\n');
  expect(readConfig({ SMSAPI_TOKEN_FILE: file }).smsapiToken).toBe('from-file');
  expect(readConfig({ SMSAPI_TOKEN_FILE: file, SMSAPI_TOKEN: 'given' }).smsapiToken).toBe('given');
});

test('a NAME_FILE that cannot be read is told by its name', () => {
  const file = path.join(folder, 'nowhere');
  expect(messageOf({ SECRET_KEYS_FILE: file })).toBe(
    `SECRET_KEYS_FILE holds ${JSON.stringify(file)}; it takes the path of a file that can be read`,
  );
});

test('an empty value is none', () => {
  expect(readConfig({ PORT: '', DATABASE_URL: '' })).toEqual(readConfig({}));
});

test('right values come out as they are used', () => {
  const config = readConfig({
    PORT: '0',
    PUBLIC_URL: 'https://example.com/',
    TRUST_PROXY: 'loopback, 10.0.0.0/8',
    DATABASE_URL: 'postgres:///app?host=/run/postgresql',
    SOLLECITO_ROLES: 'dispatcher, worker',
    SECRET_KEYS: `${key}, ${key}2`,
    MAIL_FROM: 'Rossi <no-reply@example.com>',
  });
  expect(config).toMatchObject({
    port: 0,
    publicUrl: 'https://example.com',
    trustProxy: 'loopback, 10.0.0.0/8',
    databaseUrl: 'postgres:///app?host=/run/postgresql',
    roles: new Set(['dispatcher', 'worker:email', 'worker:sms', 'worker:documents']),
    secretKeys: [key, `${key}2`],
    mailFrom: 'Rossi <no-reply@example.com>',
  } satisfies Partial<Config>);
  expect(readConfig({ TRUST_PROXY: '2' }).trustProxy).toBe(2);
  expect(readConfig({ TRUST_PROXY: 'true' }).trustProxy).toBe(true);
});

test('the demo heeds no database and no provider, whatever the environment holds', () => {
  const environment = {
    NODE_ENV: 'production',
    DATABASE_URL: 'postgres://db/real',
    QUEUE_URL: 'redis://real',
    SMTP_URL: 'smtp://real',
    SMSAPI_TOKEN: 'real',
    SOLLECITO_SANDBOX: '0',
    SOLLECITO_DATA_DIR: folder,
    BOOTSTRAP_TENANT: 'half a pair',
  };
  const { config, portChosen } = readDemoConfig(environment);
  expect(config).toMatchObject({ databaseUrl: null, queueUrl: null, smtpUrl: null, smsapiToken: null, sandbox: true });
  expect(config.dataDir).toBe(path.join(folder, 'demo'));
  expect(portChosen).toBe(false);
  expect(readDemoConfig({ PORT: '4000' })).toMatchObject({ portChosen: true, config: { port: 4000 } });
});

function messageOf(environment: Record<string, string>): string {
  try {
    readConfig(environment);
  } catch (error) {
    expect(error).toHaveProperty('name', 'ConfigError');
    return (error as Error).message;
  }
  throw new Error('nothing was found wrong');
}

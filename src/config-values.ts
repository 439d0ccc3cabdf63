import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { z } from 'zod';

export const roles = ['api', 'dispatcher', 'worker:email', 'worker:sms', 'worker:documents'] as const;
export type Role = (typeof roles)[number];

export type Environment = Readonly<Record<string, string | undefined>>;

/** One line for a person: which variable, what it holds (secrets masked), what it takes. */
export class ConfigError extends Error {
  constructor(variable: string, value: string | undefined, takes: string) {
    super(`${variable} ${value === undefined ? 'is not set' : `holds ${shown(variable, value)}`}; it takes ${takes}`);
    this.name = 'ConfigError';
  }
}

/** @throws ConfigError when the variable is set and `schema` refuses it. @returns undefined when it is not set. */
export type Read = <T>(variable: string, schema: z.ZodType<T>, takes: string) => T | undefined;

/** Each variable may come as NAME, or as the content of the file that NAME_FILE names. An empty one counts as not set. */
export function reader(environment: Environment): Read {
  return (variable, schema, takes) => {
    const value = environment[variable] || fromFile(variable, environment[`${variable}_FILE`]);
    if (value === undefined || value === '') return undefined;
    const parsed = schema.safeParse(value);
    if (!parsed.success) throw new ConfigError(variable, value, takes);
    return parsed.data;
  };
}

export const flag = z.enum(['0', '1']).transform((text) => text === '1');
/** Without query and fragment: paths are put behind it. */
export const httpUrl = scheme('http', 'https')
  .refine((text) => !/[?#]/.test(text))
  .transform((text) => text.replace(/\/+$/, ''));
export const smtpUrl = scheme('smtp', 'smtps').refine((text) => ['', '/'].includes(new URL(text).pathname));
export const mailbox = z.string().regex(/^(?:[^<>\r\n]*<[^<>\s@]+@[^<>\s@]+>|[^<>\s@]+@[^<>\s@]+)$/);

export const trustProxy = z.string().transform((text, context): boolean | number | string => {
  if (text === 'true' || text === 'false') return text === 'true';
  if (/^\d{1,3}$/.test(text)) return Number(text);
  const known = text.split(',').every((part) => isProxyAddress(part.trim()));
  if (!known) context.addIssue({ code: 'custom', message: 'no address' });
  return text;
});

export const secretKeyList = z
  .string()
  .transform((text) => text.split(',').map((key) => key.trim()))
  .refine((keys) => keys.every((key) => key.length >= 32));

export const roleList = z
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

export function whole(least: number, most: number): z.ZodType<number> {
  return z.string().regex(/^\d+$/).transform(Number).pipe(z.number().min(least).max(most));
}

/** A URL of one of these schemes, with a host; only PostgreSQL also listens on a socket in a folder. */
export function scheme(...schemes: string[]): z.ZodType<string> {
  return z.string().refine((text) => {
    const url = URL.parse(text);
    return url !== null && hasPlace(url) && schemes.includes(url.protocol.slice(0, -1)) && decodes(url);
  });
}

function hasPlace({ protocol, hostname }: URL): boolean {
  return hostname !== '' || protocol.startsWith('postgres');
}

// A lone % in a password: whoever reads the URL would fail over it later.
function decodes({ username, password }: URL): boolean {
  try {
    decodeURIComponent(username + password);
    return true;
  } catch {
    return false;
  }
}

function isProxyAddress(text: string): boolean {
  if (['loopback', 'linklocal', 'uniquelocal'].includes(text)) return true;
  const [address = '', bits, ...rest] = text.split('/');
  const longest = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  return (
    rest.length === 0 && longest > 0 && (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= longest))
  );
}

const secretNames = new Set(['SMSAPI_TOKEN', 'SECRET_KEYS', 'ADMIN_PASSWORD', 'BOOTSTRAP_API_KEY']);
// Of these only the password is a secret; of one that is no URL nobody can tell where it stands.
const secretUrlNames = new Set(['DATABASE_URL', 'QUEUE_URL', 'SMTP_URL']);

function shown(variable: string, value: string): string {
  if (secretNames.has(variable)) return '***';
  if (!secretUrlNames.has(variable)) return JSON.stringify(value);
  const url = URL.parse(value);
  return url?.host ? JSON.stringify(`${url.protocol}//${url.username ? '***@' : ''}${url.host}${url.pathname}`) : '***';
}

function fromFile(variable: string, path: string | undefined): string | undefined {
  if (!path) return undefined;
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    throw new ConfigError(`${variable}_FILE`, path, 'the path of a file that can be read');
  }
}

/** Where mail is handed over. Holds the password: never log it whole, `name` is what may be shown. */
export type SmtpServer = {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte (`smtps:`); otherwise STARTTLS when the server offers it. */
  readonly secure: boolean;
  readonly requireTls: boolean;
  readonly ignoreTls: boolean;
  readonly verifyCertificate: boolean;
  readonly auth: { readonly user: string; readonly pass: string } | null;
  /** `smtp://host:port`, without credentials. */
  readonly name: string;
};

/**
 * Reads `smtp://user:pass@host:port` or `smtps://…`; user and password are percent-encoded where they need it.
 * Options stand in the query: `requireTLS`, `ignoreTLS`, `rejectUnauthorized`, each `true` or `false`.
 * @returns undefined for anything else.
 */
export function parseSmtpUrl(text: string): SmtpServer | undefined {
  const url = URL.parse(text);
  if (!url || (url.protocol !== 'smtp:' && url.protocol !== 'smtps:') || url.hostname === '') return undefined;
  const auth = credentials(url);
  if (auth === undefined || (url.pathname !== '' && url.pathname !== '/')) return undefined;
  const secure = url.protocol === 'smtps:';
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const loopback = /^(?:localhost|127(?:\.\d+){3}|::1)$/.test(host);
  const ignoreTls = flag(url, 'ignoreTLS') ?? false;
  const port = url.port === '' ? (secure ? 465 : 587) : Number(url.port);
  return {
    host,
    port,
    secure,
    ignoreTls,
    // A password never crosses a network in the clear unless the operator says so.
    requireTls: flag(url, 'requireTLS') ?? (!secure && auth !== null && !loopback && !ignoreTls),
    // On loopback a certificate proves nothing, and test servers bring one of their own making.
    verifyCertificate: flag(url, 'rejectUnauthorized') ?? !loopback,
    auth,
    name: `${url.protocol}//${url.hostname}:${String(port)}`,
  };
}

function credentials(url: URL): SmtpServer['auth'] | undefined {
  if (url.username === '') return null;
  try {
    return { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) };
  } catch {
    return undefined;
  }
}

function flag(url: URL, name: string): boolean | undefined {
  const value = url.searchParams.get(name);
  return value === 'true' || value === '1' ? true : value === 'false' || value === '0' ? false : undefined;
}

import type { Socket } from 'node:net';
import { SMSAPI } from 'smsapi';
import { exchange, type HttpAnswer } from './exchange.ts';

/**
 * The `smsapi` package over a connection of ours. The package knows the API: its paths, its names, its error form. But
 * it sends by a bare `fetch`: no time limit, no way to end the request, no `Retry-After`, and no telling whether a
 * failure came before or after the request had left, which is all that counts here. It makes its HTTP client in one
 * method, so that method is replaced; should a release rename it, the package would go out by itself, past the fake
 * provider of the tests, and they fail.
 */
export function smsapiOver(connection: SmsapiConnection): Pick<SMSAPI, 'sms' | 'profile'> {
  class OverConnection extends Package {
    getHttpClient(): unknown {
      return httpClient(connection);
    }
  }
  return new OverConnection(connection.token);
}

export type SmsapiConnection = {
  readonly socket: Socket;
  readonly baseUrl: URL;
  readonly token: string;
  /** Called right before the first byte of the request leaves; what it throws stops the call. */
  readonly onSending: () => void;
  /** Looks at each answer before the package does: returns its JSON, or throws what the caller makes of it. */
  readonly read: (answer: HttpAnswer) => unknown;
};

const Package: new (token: string) => Pick<SMSAPI, 'sms' | 'profile'> = SMSAPI;

// The part of the package's own HTTP client that its modules call.
function httpClient({ socket, baseUrl, token, onSending, read }: SmsapiConnection): Record<string, unknown> {
  const call = async (method: 'GET' | 'POST', endpoint: string, body: unknown): Promise<unknown> => {
    const url = new URL(`${baseUrl.href.replace(/\/$/, '')}/${endpoint.replace(/^\//, '')}`);
    const headers = {
      Accept: 'application/json',
      Authorization: `Bearer ${token}`,
      'User-Agent': 'sollecito',
      ...(method === 'POST' ? { 'Content-Type': 'application/json' } : {}),
    };
    const text = method === 'POST' ? JSON.stringify(body) : null;
    return read(await exchange(socket, { method, url, headers, body: text }, onSending));
  };
  const nothing = (): void => undefined;
  return {
    post: async (endpoint: string, body: unknown) => await call('POST', endpoint, body),
    get: async (endpoint: string) => await call('GET', endpoint, null),
    // Its contacts module, which is not used here, registers these when it is made.
    addRequestInterceptor: nothing,
    addResponseInterceptor: nothing,
  };
}

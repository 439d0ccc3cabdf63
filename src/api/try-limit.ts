import { createHash } from 'node:crypto';
import { isIPv6 } from 'node:net';
import type { Clock } from '../domain/clock.ts';

const mostKept = 50_000;

/** Counts tries by key within a window that begins with the first. This process's own: it slows guessing, no more. */
export class TryLimit {
  readonly #clock: Clock;
  readonly #most: number;
  readonly #windowSeconds: number;
  readonly #windows = new Map<string, { tries: number; until: number }>();

  constructor(clock: Clock, most: number, windowSeconds: number) {
    this.#clock = clock;
    this.#most = most;
    this.#windowSeconds = windowSeconds;
  }

  /** Counts one try. @returns how many seconds to wait, or undefined when it may go on. */
  take(key: string): number | undefined {
    const now = this.#clock.now().epochMilliseconds;
    const hash = hashOf(key);
    const open = this.#windows.get(hash);
    if (!open || open.until <= now) {
      this.#forget(now);
      this.#windows.set(hash, { tries: 1, until: now + this.#windowSeconds * 1000 });
      return undefined;
    }
    open.tries += 1;
    return open.tries <= this.#most ? undefined : Math.ceil((open.until - now) / 1000);
  }

  clear(key: string): void {
    this.#windows.delete(hashOf(key));
  }

  #forget(now: number): void {
    if (this.#windows.size < mostKept) return;
    for (const [key, { until }] of this.#windows) if (until <= now) this.#windows.delete(key);
    if (this.#windows.size >= mostKept) this.#windows.clear();
  }
}

/**
 * Where a request comes from, as far as one person goes: an IPv4 address, or the /64 that an IPv6 host chooses its
 * addresses from (RFC 4291 §2.5.1).
 */
export function networkOf(address: string): string {
  const plain = address.replace(/%.*$/, '');
  if (!isIPv6(plain)) return address;
  // Written one way: `[2001:db8::1]`, an IPv4 part as two groups.
  const [head = '', tail] = new URL(`http://[${plain}]`).hostname.slice(1, -1).split('::');
  const [before, after] = [groupsOf(head), groupsOf(tail ?? '')];
  const groups = [...before, ...Array.from({ length: 8 - before.length - after.length }, () => '0'), ...after];
  const isMapped = groups.slice(0, 6).join(':') === '0:0:0:0:0:ffff';
  return groups.slice(0, isMapped ? 8 : 4).join(':');
}

function groupsOf(text: string): string[] {
  return text === '' ? [] : text.split(':');
}

// What somebody typed as an address may be a password: it is not kept.
function hashOf(key: string): string {
  return createHash('sha256').update(key).digest('base64');
}

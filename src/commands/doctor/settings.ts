import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { Config } from '../../config.ts';
import { type Finding, ok, warning, wrong } from './finding.ts';

/** What signs links and sessions. */
export async function checkSecrets({ secretKeys, dataDir }: Config): Promise<Finding> {
  if (secretKeys) return checkGiven(secretKeys);
  const file = path.join(dataDir, 'secret-key');
  const found = await stat(file).catch(() => undefined);
  if (!found) return ok('made at the first start and kept in the data folder');
  if (process.platform !== 'win32' && (found.mode & 0o077) !== 0) {
    return warning(`${file} can be read by others on this machine`, `chmod 600 ${file}`);
  }
  return ok(`kept in ${file}`);
}

// 32 random bytes in base64 or hex have 15 different characters or more, but for once in a million.
const fewestCharacters = 12;

function checkGiven(keys: readonly string[]): Finding {
  const weak = keys.findIndex((key) => new Set(key).size < fewestCharacters);
  if (weak >= 0) {
    const mend = 'take random ones: openssl rand -base64 32';
    return warning(`key ${weak + 1} of SECRET_KEYS has few different characters: it can be guessed`, mend);
  }
  return ok(`${keys.length} in SECRET_KEYS; the first signs, all verify`);
}

const example = 'set PUBLIC_URL to the address that customers reach, such as https://reminders.example.com';

/** Where links in messages lead. */
export function checkPublicAddress({ publicUrl, port, production }: Config): Finding {
  if (publicUrl === null) {
    if (!production) return ok(`http://localhost:${port}: links work on this machine alone`);
    return wrong('PUBLIC_URL is not set: links in SMS would lead to localhost', example);
  }
  const { protocol, hostname } = new URL(publicUrl);
  const local = /^(localhost|.*\.localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
  if (!production) return ok(publicUrl);
  if (local) return wrong(`PUBLIC_URL is ${publicUrl}: links in SMS lead to the customer's own machine`, example);
  if (protocol !== 'https:') {
    return warning(`PUBLIC_URL is ${publicUrl}: sessions and documents cross the network in the clear`, example);
  }
  return ok(publicUrl);
}

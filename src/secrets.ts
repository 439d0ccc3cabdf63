import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The keys that sign links (the first signs, all verify): from the configuration, or made once and kept in the data dir (mode 600). */
export function secretKeys(configured: readonly string[] | null, dataDir: string): readonly string[] {
  if (configured) return configured;
  const path = join(dataDir, 'secret-key');
  mkdirSync(dataDir, { recursive: true });
  try {
    // `wx`: of two processes that start together one makes it, and the other reads what was made.
    writeFileSync(path, randomBytes(32).toString('base64url'), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  return [readFileSync(path, 'utf8').trim()];
}

import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { EmbeddedPostgres } from '../../src/embedded/postgres.ts';

const prefix = 'sollecito-test-';

export interface TestServer {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * One PostgreSQL for the whole run: the one that `TEST_DATABASE_URL` names, else an embedded one with empty data and
 * without the care for power cuts.
 */
export async function startTestPostgres(): Promise<TestServer> {
  const given = process.env['TEST_DATABASE_URL'];
  if (given) return { url: given, stop: () => Promise.resolve() };
  await removeOrphans();
  const dataDir = await mkdtemp(path.join(os.tmpdir(), prefix));
  const server = new EmbeddedPostgres({ dataDir, durable: false });
  const { url } = await server.start();
  return {
    url,
    async stop() {
      await server.remove();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

// Servers of runs that were killed. A run that is just beginning has no process attached yet either: its folder is young.
async function removeOrphans(): Promise<void> {
  const minute = 60_000;
  for (const name of await readdir(os.tmpdir())) {
    if (!name.startsWith(prefix)) continue;
    const dataDir = path.join(os.tmpdir(), name);
    const made = await stat(dataDir).catch(() => undefined);
    if (made?.isDirectory() !== true || made.uid !== (process.getuid?.() ?? made.uid)) continue;
    if (Date.now() - made.birthtimeMs < minute) continue;
    if (await new EmbeddedPostgres({ dataDir }).remove()) await rm(dataDir, { recursive: true, force: true });
  }
}

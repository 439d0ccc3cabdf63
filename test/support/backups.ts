import { pipeline, Readable, Writable } from 'node:stream';
import { createZstdDecompress } from 'node:zlib';
import { Client } from 'pg';
import { writeBackup } from '../../src/store/backup.ts';
import { restoreBackup, type Restored, type RestoreOptions } from '../../src/store/restore.ts';

/** The bytes of a backup's file. */
export async function backUp(url: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const into = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk);
      done();
    },
  });
  await writeBackup(url, { release: '9.9.9', into, end: true, signal: new AbortController().signal });
  return Buffer.concat(chunks);
}

export async function restoreInto(
  url: string,
  bytes: Buffer,
  options: Partial<Omit<RestoreOptions, 'unpacked'>> = {},
): Promise<Restored> {
  const unpacked = pipeline(Readable.from(inPieces(bytes)), createZstdDecompress(), () => {});
  return restoreBackup(url, { unpacked, replace: false, nothingSentSince: false, ...options });
}

// As a file comes: in pieces that end wherever they end.
function* inPieces(bytes: Buffer): Generator<Buffer> {
  for (let from = 0; from < bytes.length; from += 7_919) yield bytes.subarray(from, from + 7_919);
}

export async function onClient<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url, application_name: 'test' });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Every row of every table of ours as text, generated columns too, in one order; of partitions by their own names. */
export async function contents(url: string): Promise<Record<string, string[]>> {
  return onClient(url, async (client) => {
    const { rows: tables } = await client.query<{ name: string }>(
      `SELECT relname AS name FROM pg_class WHERE relnamespace = 'sollecito'::regnamespace AND relkind = 'r' AND relname <> 'migration' ORDER BY 1`,
    );
    const found: Record<string, string[]> = {};
    for (const { name } of tables) {
      const { rows } = await client.query<{ text: string }>(
        `SELECT t::text AS text FROM sollecito."${name}" t ORDER BY 1`,
      );
      if (rows.length > 0) found[name] = rows.map(({ text }) => text);
    }
    return found;
  });
}

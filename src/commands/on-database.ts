import { readConfig } from '../config.ts';
import { EmbeddedPostgres } from '../embedded/postgres.ts';
import { migrateQueue } from '../queue/queue-backend.ts';
import { migrate, requireSchema } from '../store/migrate.ts';

/** Does a command's work on the database of the environment alone, with its schema in place: no pools, no sandbox. */
export async function onDatabase<T>(work: (url: string) => Promise<T>): Promise<T> {
  const { databaseUrl, queueUrl, dataDir } = readConfig();
  if (databaseUrl !== null) {
    await requireSchema(databaseUrl);
    return work(databaseUrl);
  }
  const embedded = new EmbeddedPostgres({ dataDir });
  try {
    const { url } = await embedded.start();
    await migrate(url, async () => migrateQueue(queueUrl ?? url));
    return await work(url);
  } finally {
    await embedded.stop();
  }
}

import { readConfig } from '../config.ts';
import { EmbeddedPostgres } from '../embedded/postgres.ts';
import { migrateQueue } from '../queue/queue-backend.ts';
import { migrate } from '../store/migrate.ts';

/** `sollecito migrate`: our schema and the queue's, brought to this release. */
export async function migrateDatabase(): Promise<number> {
  const { databaseUrl, queueUrl, dataDir } = readConfig();
  const embedded = databaseUrl === null ? new EmbeddedPostgres({ dataDir }) : undefined;
  try {
    const url = databaseUrl ?? (await embedded?.start())?.url ?? '';
    const ran = await migrate(url, async () => migrateQueue(queueUrl ?? url));
    process.stdout.write(ran.length === 0 ? 'the schema was up to date\n' : `ran ${ran.join(', ')}\n`);
    return 0;
  } finally {
    await embedded?.stop();
  }
}

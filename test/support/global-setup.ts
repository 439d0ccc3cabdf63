import type { TestProject } from 'vitest/node';
import { startTestPostgres } from './postgres.ts';
import { startTestRedis } from './redis.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Of a database whose user may create others; the server is shared by all test files. */
    postgresUrl: string;
    /** Null where no Redis was found: what needs it skips itself. Shared by all test files. */
    redisUrl: string | null;
  }
}

/** Starts what all test files share, once a run, and stops it at the end. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const redis = await startTestRedis();
  project.provide('redisUrl', redis?.url ?? null);
  try {
    const postgres = await startTestPostgres();
    project.provide('postgresUrl', postgres.url);
    return async () => {
      await Promise.all([postgres.stop(), redis?.stop()]);
    };
  } catch (error) {
    await redis?.stop();
    throw error;
  }
}

import type { Logger } from 'pino';
import type { Clock } from '../domain/clock.ts';
import type { Database } from '../store/database.ts';

/** What the API's handlers work with. */
export type ApiParts = {
  /** Stands behind the wall: sees the caller's tenant alone. */
  database: Database;
  clock: Clock;
  log: Logger;
};

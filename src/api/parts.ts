import type { Logger } from 'pino';
import type { Clock } from '../domain/clock.ts';
import type { Channel } from '../domain/delivery-facts.ts';
import type { BankAccountId, DueDateId, TenantId } from '../domain/ids.ts';
import type { Database } from '../store/database.ts';
import type { StoredDocument } from '../store/documents.ts';

/** What the API's handlers work with. */
export type ApiParts = {
  /** Stands behind the wall: sees the caller's tenant alone. */
  database: Database;
  /** Sees all tenants: for platform operations, and for nothing else. */
  service: Database;
  clock: Clock;
  log: Logger;
  /** The channels that are set up. */
  channels: ReadonlySet<Channel>;
  /** A reminder was accepted: the dispatchers hear of it, the metrics count it. */
  accepted(channel: Channel): void;
  /** Something is due again: a pause ended, a person decided. */
  wake(): void;
  /** How messages are signed and linked. */
  sender: {
    mailFrom: { name: string | null; address: string } | null;
    smsFrom: string | null;
    publicUrl: string;
    secretKeys: readonly string[];
  };
  /** The database has no room: health tells it. */
  databaseFailed?(error: unknown): void;
  /** Renders what is not stored yet. */
  documents: {
    documentFor(tenant: TenantId, dueDate: DueDateId, account?: BankAccountId | null): Promise<StoredDocument>;
  };
};

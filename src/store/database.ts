import { Migrator } from '@mikro-orm/migrations';
import { type EntityManager, MikroORM, type PostgreSqlConnection } from '@mikro-orm/postgresql';
import pg from 'pg';
import { asId, type TenantId } from '../domain/ids.ts';
import { entities } from './entities.ts';
import { migrations } from './migrations.ts';

/** Which wall a connection stands behind: `api` sees the tenant that was set, `service` all of them. */
export type DatabaseRole = 'api' | 'service';

/** A connection inside a transaction, or the pool: what a statement needs. */
export type Queryable = Pick<pg.ClientBase, 'query'>;

/**
 * No request and no loop waits for ever: for another's lock, for a statement, or with a transaction open. Given as one
 * startup option, for poolers that know no others.
 */
const patience = '-c lock_timeout=15s -c statement_timeout=60s -c idle_in_transaction_session_timeout=60s';
const stopMs = 5_000;

/** The connections do not stand behind their wall: something between drops the startup option that sets the role. */
export class WrongDatabaseRole extends Error {
  constructor(wanted: string, found: string) {
    super(
      `connections to PostgreSQL act as "${found}" instead of "${wanted}": DATABASE_URL must lead to a server or a pooler that keeps the startup parameter "options"`,
    );
    this.name = 'WrongDatabaseRole';
  }
}

/** One pool of connections to PostgreSQL under one role, with MikroORM over it. */
export class Database {
  readonly #options: { url: string; role: DatabaseRole; poolMax: number };
  #orm: MikroORM | undefined;
  #pool: pg.Pool | undefined;

  constructor(options: { url: string; role: DatabaseRole; poolMax: number }) {
    this.#options = options;
  }

  async start(): Promise<void> {
    if (this.#orm) return;
    const { url, role, poolMax } = this.#options;
    const orm = await openOrm(url, { options: `${patience} -c role=sollecito_${role}`, max: poolMax });
    try {
      const pool = await nativePool(orm);
      await requireRole(pool, role);
      this.#orm = orm;
      this.#pool = pool;
    } catch (error) {
      await orm.close(true);
      throw error;
    }
  }

  /** Takes five seconds at most: a connection whose server is silent is left to the end of the process. */
  async stop(): Promise<void> {
    const orm = this.#orm;
    this.#orm = undefined;
    this.#pool = undefined;
    if (orm) await atMost(stopMs, orm.close(true));
  }

  /** For hand-written statements outside a transaction. */
  get pool(): pg.Pool {
    if (!this.#pool) throw new Error('database is not started');
    return this.#pool;
  }

  /** An EntityManager that sees one tenant: its transactions set the tenant before anything else. */
  entityManager(tenant: TenantId): EntityManager {
    if (!this.#orm) throw new Error('database is not started');
    const em = this.#orm.em.fork();
    em.setSessionContext({ variables: { 'sollecito.tenant': tenant } });
    return em;
  }

  /** An EntityManager without a tenant: for the service role, or tables that belong to none. */
  entityManagerWithoutTenant(): EntityManager {
    if (!this.#orm) throw new Error('database is not started');
    return this.#orm.em.fork();
  }

  /** Runs hand-written statements in one transaction (READ COMMITTED: each statement sees what has committed before it). */
  async transaction<T>(work: (client: Queryable) => Promise<T>): Promise<T> {
    const client = await this.pool.connect();
    let broken: Error | undefined;
    try {
      await client.query('BEGIN');
      const result = await work(client);
      await client.query('COMMIT');
      return result;
    } catch (error) {
      await client.query('ROLLBACK').catch((rollbackError: unknown) => {
        broken = rollbackError instanceof Error ? rollbackError : new Error('rollback failed');
      });
      throw error;
    } finally {
      client.release(broken);
    }
  }

  /** Does the work of a tenant for real, then takes it all back: what a preview shows is what would have happened. */
  async rehearse<T>(tenant: TenantId, work: (client: Queryable) => Promise<T>): Promise<T> {
    let result: { value: T } | undefined;
    await this.tenantTransaction(tenant, async (client) => {
      result = { value: await work(client) };
      await client.query('ROLLBACK');
    });
    if (!result) throw new Error('a rehearsal ended without a result');
    return result.value;
  }

  /** A transaction of one tenant: every statement of it sees that tenant's rows alone. */
  async tenantTransaction<T>(tenant: TenantId, work: (client: Queryable) => Promise<T>): Promise<T> {
    return this.transaction(async (client) => {
      // A SET takes no parameters; the id is checked to be a UUID.
      await client.query(`SET LOCAL sollecito.tenant = '${asId('tenant', tenant)}'`);
      return work(client);
    });
  }
}

export async function openOrm(url: string, pool: { options?: string; max: number }): Promise<MikroORM> {
  return MikroORM.init({
    clientUrl: url,
    entities,
    schema: 'sollecito',
    extensions: [Migrator],
    migrations: { migrationsList: migrations, tableName: 'migration', snapshot: false },
    // A connection keeps its prepared statements and plans: a short pause must not throw them away.
    driverOptions: {
      ...pool,
      ...connectionOf(url, pool.options),
      keepAlive: true,
      idleTimeoutMillis: 300_000,
      connectionTimeoutMillis: 10_000,
      application_name: 'sollecito',
    },
    discovery: { warnWhenNoEntities: false },
    timezone: 'UTC',
    logger: () => undefined,
  });
}

// MikroORM reads host, port, user and database from the address and no more; node-postgres reads all of it (sslmode, a
// socket's folder), and what the address says wins. Its own `options` would displace ours, so both go into one.
function connectionOf(url: string, options: string | undefined): { connectionString: string; options?: string } {
  const asked = URL.canParse(url) ? new URL(url).searchParams.get('options') : null;
  if (asked === null) return { connectionString: url };
  const bare = new URL(url);
  bare.searchParams.delete('options');
  return { connectionString: bare.href, options: [asked, options].join(' ').trim() };
}

async function requireRole(pool: pg.Pool, role: DatabaseRole): Promise<void> {
  const { rows } = await pool.query<{ found: string }>('SELECT current_user::text AS found');
  const wanted = `sollecito_${role}`;
  const found = rows[0]?.found ?? '';
  if (found !== wanted) throw new WrongDatabaseRole(wanted, found);
}

async function atMost(ms: number, work: Promise<void>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  await Promise.race([work, promise]).finally(() => clearTimeout(timer));
}

async function nativePool(orm: MikroORM): Promise<pg.Pool> {
  const connection: PostgreSqlConnection = orm.em.getDriver().getConnection();
  return connection.getNativeClient();
}

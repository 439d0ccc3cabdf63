import type { Client } from 'pg';
import { codeOf } from '../failure.ts';
import { onConnection, type OpenDatabase } from './database.ts';
import { type Finding, ok, warning, wrong } from './finding.ts';

const apiRole = 'sollecito_api';

type WalledTable = { name: string; column: 'id' | 'tenant_id'; walled: boolean };

/**
 * Proves that the second wall between tenants stands: the role of the API is no one special, every table of tenants'
 * data has row-level security that binds its owner too, and a connection of that role without a tenant sees no row.
 */
export async function checkWalls({ url }: OpenDatabase): Promise<Finding> {
  const weak = await onConnection(url, weakRoles);
  if (weak.length > 0) return wrong(weak.join('; '), mend);
  const tables = await onConnection(url, tenantTables);
  if (tables.length === 0) return warning('there are no tables yet', 'look again after "sollecito migrate"');
  const open = tables.filter(({ walled }) => !walled).map(({ name }) => name);
  if (open.length > 0) return wrong(`no forced row-level security on ${open.join(', ')}`, mend);
  return look(url, tables);
}

const mend = 'run "sollecito migrate", and take back what was granted by hand';

async function look(url: string, tables: readonly WalledTable[]): Promise<Finding> {
  const seen: string[] = [];
  const unproven: string[] = [];
  let role: string | undefined;
  await onConnection(
    url,
    async (client) => {
      role = (await client.query<{ role: string }>('SELECT current_user AS role')).rows[0]?.role;
      for (const table of tables) {
        const answer = await seesRows(client, table);
        if (answer === 'rows') seen.push(table.name);
        if (answer === 'too-slow') unproven.push(table.name);
      }
    },
    `-c role=${apiRole} -c statement_timeout=5000`,
  );
  if (role !== apiRole) {
    return wrong(`a connection that asks for the role ${apiRole} is ${String(role)}`, 'connect without a pooler');
  }
  if (seen.length > 0) return wrong(`${apiRole} without a tenant sees rows of ${seen.join(', ')}`, mend);
  if (unproven.length > 0) {
    return warning(`not looked through within 5 s: ${unproven.join(', ')}`, 'ask again when the database is idle');
  }
  return ok(`${apiRole} without a tenant sees no row in ${tables.length} tables`);
}

async function seesRows(client: Client, { name, column }: WalledTable): Promise<'rows' | 'none' | 'too-slow'> {
  try {
    // Rows that belong to no tenant (a pause of everything) may be seen by all.
    const { rowCount } = await client.query(
      `SELECT FROM sollecito.${client.escapeIdentifier(name)} WHERE ${column} IS NOT NULL LIMIT 1`,
    );
    return rowCount === 0 ? 'none' : 'rows';
  } catch (error) {
    const code = codeOf(error);
    if (code === permissionDenied) return 'none';
    if (code === canceledByTimeout) return 'too-slow';
    throw error;
  }
}

const permissionDenied = '42501';
const canceledByTimeout = '57014';

// A partition is walled by its parent for who comes that way; by its own name nobody may.
async function tenantTables(client: Client): Promise<WalledTable[]> {
  const { rows } = await client.query<WalledTable>(
    `SELECT c.relname AS name, CASE c.relname WHEN 'tenant' THEN 'id' ELSE 'tenant_id' END AS column,
       c.relrowsecurity AND c.relforcerowsecurity
         OR c.relispartition AND NOT has_table_privilege($1, c.oid, 'SELECT, INSERT, UPDATE, DELETE') AS walled
     FROM pg_class c
     WHERE c.relnamespace = to_regnamespace('sollecito') AND c.relkind IN ('r', 'p') AND (c.relname = 'tenant'
       OR EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped))
     ORDER BY 1`,
    [apiRole],
  );
  return rows;
}

async function weakRoles(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string; strong: boolean }>(
    `SELECT wanted.name, r.oid IS NOT NULL AND NOT r.rolsuper AND NOT r.rolbypassrls AND NOT r.rolcanlogin AS strong
     FROM unnest(ARRAY['sollecito_api', 'sollecito_service']) AS wanted (name)
     LEFT JOIN pg_roles r ON r.rolname = wanted.name`,
  );
  return rows
    .filter(({ strong }) => !strong)
    .map(({ name }) => `the role ${name} is missing, may log in, or passes walls by`);
}

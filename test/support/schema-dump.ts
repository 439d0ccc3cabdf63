import type { Client } from 'pg';

/**
 * The schema `sollecito` as text that people can compare: everything that the migrations make, in one order, and
 * nothing that depends on the server or on when it was made.
 */
export async function schemaDump(client: Client): Promise<string> {
  const sections: string[] = [
    '-- The schema as the migrations make it. Written by test/schema.test.ts (UPDATE_SCHEMA=1), compared by it.',
  ];
  for (const [title, query] of queries) {
    const { rows } = await client.query<{ line: string }>(query);
    sections.push(`-- ${title}\n${rows.map(({ line }) => line).join('\n')}`);
  }
  return `${sections.join('\n\n')}\n`;
}

// Months' partitions come and go.
const ours = `relnamespace = 'sollecito'::regnamespace AND relname !~ '^event_\\d{4}_\\d{2}$'`;

const queries: [string, string][] = [
  [
    'Tables and their columns',
    `SELECT format(E'TABLE %s%s\\n%s', c.relname, CASE WHEN c.relispartition THEN ' (partition)' ELSE '' END,
       string_agg(format('  %s %s%s%s', a.attname, format_type(a.atttypid, a.atttypmod), CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END,
         CASE WHEN a.attgenerated <> '' THEN ' GENERATED ' || pg_get_expr(d.adbin, d.adrelid) WHEN d.adbin IS NOT NULL THEN ' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid) ELSE '' END),
         E'\\n' ORDER BY a.attnum) || coalesce(E'\\n  WITH ' || array_to_string(c.reloptions, ', '), '')) AS line
     FROM pg_class c
     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
     WHERE ${ours} AND c.relkind IN ('r', 'p') GROUP BY c.oid ORDER BY c.relname`,
  ],
  [
    'Constraints',
    // NOT NULL stands with the columns (since PostgreSQL 18 it is a constraint too).
    `SELECT format('%s: %s %s', c.relname, k.conname, pg_get_constraintdef(k.oid)) AS line
     FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
     WHERE ${ours} AND k.contype <> 'n' ORDER BY c.relname COLLATE "C", k.conname COLLATE "C"`,
  ],
  [
    'Indexes',
    `SELECT pg_get_indexdef(i.indexrelid) AS line FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
     WHERE ${ours} ORDER BY c.relname COLLATE "C", i.indexrelid::regclass::text COLLATE "C"`,
  ],
  [
    'Functions',
    `SELECT pg_get_functiondef(p.oid) AS line FROM pg_proc p WHERE p.pronamespace = 'sollecito'::regnamespace ORDER BY p.proname COLLATE "C"`,
  ],
  [
    'Triggers',
    `SELECT pg_get_triggerdef(t.oid) AS line FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
     WHERE ${ours} AND NOT t.tgisinternal ORDER BY c.relname COLLATE "C", t.tgname COLLATE "C"`,
  ],
  [
    'Row-level security',
    `SELECT format('%s: %s%s', c.relname, CASE WHEN c.relrowsecurity THEN 'on' ELSE 'off' END, CASE WHEN c.relforcerowsecurity THEN ', forced' ELSE '' END) AS line
     FROM pg_class c WHERE ${ours} AND c.relkind IN ('r', 'p') ORDER BY c.relname COLLATE "C"`,
  ],
  [
    'Policies',
    `SELECT format('%s: %s FOR %s TO %s USING (%s) CHECK (%s)', tablename, policyname, cmd, array_to_string(roles, ', '), qual, with_check) AS line
     FROM pg_policies WHERE schemaname = 'sollecito' ORDER BY tablename COLLATE "C", policyname COLLATE "C"`,
  ],
  [
    'What the roles may do with tables',
    `SELECT format('%s: %s may %s', c.relname, g.grantee::regrole, string_agg(g.privilege_type, ', ' ORDER BY g.privilege_type)) AS line
     FROM pg_class c, aclexplode(c.relacl) g
     WHERE ${ours} AND c.relkind IN ('r', 'p') AND g.grantee::regrole::text LIKE 'sollecito_%'
     GROUP BY c.relname, g.grantee ORDER BY c.relname COLLATE "C", g.grantee::regrole::text`,
  ],
  [
    'Who may call a function',
    `SELECT format('%s: %s', p.proname, coalesce(string_agg(CASE WHEN g.grantee = 0 THEN 'everyone' ELSE g.grantee::regrole::text END, ', '
       ORDER BY g.grantee::regrole::text) FILTER (WHERE g.grantee = 0 OR g.grantee::regrole::text LIKE 'sollecito_%'), 'nobody')) AS line
     FROM pg_proc p LEFT JOIN LATERAL aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) g ON true
     WHERE p.pronamespace = 'sollecito'::regnamespace GROUP BY p.oid, p.proname ORDER BY p.proname COLLATE "C"`,
  ],
];

import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from './support/database.ts';
import { backUp, contents, onClient, restoreInto } from './support/backups.ts';
import { makeReminder } from './support/made-reminders.ts';
import { schemaDump } from './support/schema-dump.ts';
import { TestService } from './support/service.ts';

let service: TestService;
let source: string;
let file: Buffer;
let schema: string;
beforeAll(async () => {
  service = await TestService.start();
  source = service.api.databaseUrl;
  await fill();
  schema = await onClient(source, schemaDump);
  file = await backUp(source);
});
afterAll(async () => {
  await service.stop();
});

/** Rows of all kinds: two tenants, every status, bytes, and texts that COPY must not mistake for its own marks. */
async function fill(): Promise<void> {
  await service.api.addTenant({ name: 'Verdi' });
  for (const deliveries of [
    ['accepted', 'sent'],
    ['failed'],
    ['delivered', 'bounced'],
    ['unknown'],
    ['queued'],
  ] as const) {
    await makeReminder(service.api, { dueDates: ['d1'], deliveries });
  }
  await service.remind({ subject: 'Äöü €', message: '\\.\n\\.\r\n\tline\\n \\\\. {{ outstanding }}' });
  await service.sendDue();
  await service.pay('d1', '20.00');
  const big = Buffer.alloc(300_000, 7);
  await service.query(
    `INSERT INTO sollecito.document (id, tenant_id, due_date_id, origin, name, sha256, bytes, created_at)
     SELECT uuidv7(), tenant_id, id, 'uploaded', E'a\\tb\\n\\\\.\\n', sha256($1), $1, now() FROM sollecito.due_date`,
    [big],
  );
  await service.query(
    `UPDATE sollecito.due_date SET own_document_id = (SELECT id FROM sollecito.document d WHERE d.due_date_id = due_date.id AND origin = 'uploaded' LIMIT 1)`,
  );
  await onClient(source, async (client) => {
    // A month long past has a partition, and one row stands in the net.
    await client.query("SELECT sollecito.ensure_event_partitions('2020-02-01', 0)");
    await client.query(
      `INSERT INTO sollecito.event (at, tenant_id, type) SELECT at, id, 'note' FROM sollecito.tenant, unnest(ARRAY['2020-02-03', '1999-01-01']::timestamptz[]) at`,
    );
    await client.query(
      `INSERT INTO sollecito.operator (id, email, role, created_at) VALUES (uuidv7(), 'a@example.com', 'admin', now())`,
    );
    await client.query(
      `INSERT INTO sollecito.operator_session (hash, operator_id, csrf_token, created_at, expires_at) SELECT sha256('x'), id, 'c', now(), now() FROM sollecito.operator`,
    );
    await client.query('CREATE SEQUENCE sollecito.numbered');
    await client.query("SELECT setval('sollecito.numbered', 41)");
  });
}

async function withTarget(work: (target: TestDatabase) => Promise<void>): Promise<void> {
  const target = await createTestDatabase();
  try {
    await onClient(target.url, async (client) => client.query('CREATE SEQUENCE sollecito.numbered'));
    await work(target);
  } finally {
    await target.drop();
  }
}

/** What a restore adds of itself and what it leaves out. */
function comparable(found: Record<string, string[]>): Record<string, string[]> {
  const { operator_session: _, audit: all, ...rest } = found;
  const audit = (all ?? []).filter((row) => !row.includes('database.restore'));
  return { ...rest, ...(audit.length > 0 ? { audit } : {}) };
}

function unpack(bytes: Buffer): string {
  return zstdDecompressSync(bytes).toString('latin1');
}

function pack(text: string): Buffer {
  return zstdCompressSync(Buffer.from(text, 'latin1'));
}

describe('a backup', () => {
  test('comes back to the byte, with the same schema, keys, triggers, walls and sequences', async () => {
    const before = comparable(await contents(source));
    expect(Object.keys(before)).toEqual(
      expect.arrayContaining([
        'tenant',
        'due_date',
        'delivery',
        'event_2020_02',
        'event_default',
        'document',
        'quota_counter',
      ]),
    );
    await withTarget(async ({ url }) => {
      const { rows, header } = await restoreInto(url, file, { nothingSentSince: true });
      expect(comparable(await contents(url))).toEqual(before);
      expect(await onClient(url, schemaDump)).toBe(schema);
      expect(rows['tenant']).toBe(2);
      expect(header).toMatchObject({ release: '9.9.9', eventMonths: expect.arrayContaining(['2020-02']) });
      await onClient(url, async (client) => {
        const { rows: next } = await client.query("SELECT nextval('sollecito.numbered')::integer AS n");
        expect(next).toEqual([{ n: 42 }]);
        const { rows: audit } = await client.query("SELECT action, detail FROM sollecito.audit WHERE actor = 'cli'");
        expect(audit).toEqual([
          { action: 'database.restore', detail: expect.objectContaining({ nothingSentSince: true }) },
        ]);
      });
    });
  });

  test('holds neither sessions nor sign-in links nor the migrations’ own table', () => {
    const tables = [...unpack(file).matchAll(/^\{"table":"([^"]+)"/gm)].map(([, name]) => name);
    expect(tables).toContain('operator');
    expect(tables).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^(operator_session|sign_in_link|migration)$/)]),
    );
  });

  test('is of one moment: what commits while it is written is not in it', async () => {
    const count = async (url: string): Promise<number> => (await contents(url))['customer']?.length ?? 0;
    const before = await count(source);
    const written = backUp(source);
    const added = service.put('/v1/customers/late', { name: 'Late' });
    const bytes = await written;
    await added;
    await withTarget(async ({ url }) => {
      await restoreInto(url, bytes);
      expect([before, before + 1]).toContain(await count(url));
    });
    await service.query("DELETE FROM sollecito.customer WHERE ref = 'late'");
  });

  test('is written and restored by an owner who is no superuser', async () => {
    await withTarget(async ({ url }) => {
      const owner = `owner_${crypto.randomUUID().slice(0, 8)}`;
      const theirs = new URL(url);
      theirs.username = owner;
      theirs.password = 'of-a-test';
      await onClient(url, async (client) => giveTo(client, owner));
      try {
        await restoreInto(theirs.href, file, { nothingSentSince: true });
        const again = await backUp(theirs.href);
        const body = (bytes: Buffer): string[] =>
          unpack(bytes)
            .split('\n')
            .filter((line) => !/takenAt|sha256|database\.restore|"rows"/.test(line))
            .sort();
        expect(body(again)).toEqual(body(file));
      } finally {
        await onClient(url, async (client) => client.query(`DROP OWNED BY ${owner} CASCADE; DROP ROLE ${owner}`));
      }
    });
  });
});

async function giveTo(client: Client, owner: string): Promise<void> {
  await client.query(`CREATE ROLE ${owner} LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD 'of-a-test'`);
  await client.query(`GRANT sollecito_api, sollecito_service TO ${owner}`);
  await client.query(`ALTER SCHEMA sollecito OWNER TO ${owner}`);
  const { rows } = await client.query<{ statement: string }>(
    `SELECT format('ALTER TABLE sollecito.%I OWNER TO ${owner}', relname) AS statement FROM pg_class
     WHERE relnamespace = 'sollecito'::regnamespace AND relkind IN ('r', 'p')
     UNION ALL SELECT format('ALTER SEQUENCE sollecito.%I OWNER TO ${owner}', relname) FROM pg_class
     WHERE relnamespace = 'sollecito'::regnamespace AND relkind = 'S' AND relname <> 'migration_id_seq'
     UNION ALL SELECT format('ALTER FUNCTION %s OWNER TO ${owner}', oid::regprocedure) FROM pg_proc
     WHERE pronamespace = 'sollecito'::regnamespace AND proowner <> 'sollecito_service'::regrole`,
  );
  for (const { statement } of rows) await client.query(statement);
}

describe('what is not a whole backup of this schema is refused, and nothing has changed', () => {
  const at = (part: number): number => Math.floor(file.length * part);
  const wrong: [string, () => Buffer, RegExp][] = [
    ['an empty file', () => Buffer.alloc(0), /cut off or damaged/],
    ['another file', () => Buffer.from('SELECT 1;\n'.repeat(1000)), /not a backup of Sollecito/],
    ['another file, packed', () => pack('{"a":1}\n'), /not a backup of Sollecito/],
    ['a line without end', () => pack('x'.repeat(3_000_000)), /the file is damaged/],
    ['a later format', () => pack(unpack(file).replace('"format":1', '"format":2')), /format 2, this release reads 1/],
    ['a file cut in the middle', () => file.subarray(0, at(0.5)), /cut off or damaged/],
    ['a file cut before its last letters', () => file.subarray(0, file.length - 2), /cut off or damaged/],
    ['a file without its last line', () => pack(unpack(file).replace(/\{"sha256.*\n$/, '')), /cut off or damaged/],
    ['a file that ends inside a table', () => pack(unpack(file).slice(0, -20_000)), /cut off or damaged/],
    [
      'one letter changed',
      () => pack(unpack(file).replace('Officine Rossi', 'Officine Bossi')),
      /checksum does not match/,
    ],
    ['the file twice', () => Buffer.concat([file, file]), /checksum does not match/],
    ['a row taken out', () => pack(unpack(file).replace(/(\{"table":"customer".*\n).*\n/, '$1')), /rows of "customer"/],
    [
      'a table taken out',
      () => pack(unpack(file).replace(/\{"table":"pause".*\n(?:.*\n)*?\\\.\n/, '')),
      /lacks the table "pause"/,
    ],
    [
      'a table of nobody',
      () => pack(unpack(file).replace('{"table":"pause"', '{"table":"pg_class"')),
      /"pg_class" is not as it is here/,
    ],
    [
      'a file of an older schema',
      () => pack(unpack(file).replace(/,"[^"]+"\],"eventMonths"/, '],"eventMonths"')),
      /written by release 9\.9\.9 .* restore it with that release into a new database, then run "sollecito migrate"/,
    ],
    [
      'a file of a later schema',
      () => pack(unpack(file).replace('],"eventMonths"', ',"999-later"],"eventMonths"')),
      /schema 999-later.*restore it with that release, into/,
    ],
  ];

  test.each(wrong)('%s', async (_, make, message) => {
    await withTarget(async ({ url }) => {
      const empty = await contents(url);
      await expect(restoreInto(url, make())).rejects.toThrow(message);
      expect(await contents(url)).toEqual(empty);
      expect(await onClient(url, schemaDump)).toBe(schema);
    });
  });

  test('wherever a byte of the file is changed', async () => {
    await withTarget(async ({ url }) => {
      const empty = await contents(url);
      for (const part of [0.01, 0.2, 0.4, 0.6, 0.8, 0.99]) {
        const changed = Buffer.from(file);
        changed[at(part)] = (changed[at(part)] ?? 0) ^ 0x10;
        await expect(restoreInto(url, changed), `at ${part}`).rejects.toThrow();
      }
      expect(await contents(url)).toEqual(empty);
    });
  });
});

describe('a database that is not free', () => {
  test('keeps its tenants, unless they are to be replaced', async () => {
    await withTarget(async ({ url }) => {
      await restoreInto(url, file, { nothingSentSince: true });
      const before = await contents(url);
      await expect(restoreInto(url, file)).rejects.toThrow(
        /has tenants already \("officine-rossi", "verdi"\): --replace/,
      );
      expect(await contents(url)).toEqual(before);
      await restoreInto(url, file, { replace: true, nothingSentSince: true });
      expect(comparable(await contents(url))).toEqual(comparable(before));
    });
  });

  test('is refused while the service is connected', async () => {
    const before = await contents(source);
    await expect(restoreInto(source, file, { replace: true })).rejects.toThrow(
      /the service is connected to this database \(\d+ × "sollecito" from [^)]+\): stop every process/,
    );
    expect(await contents(source)).toEqual(before);
  });
});

import { readFileSync } from 'node:fs';
import { type Constructor, type MigrationObject } from '@mikro-orm/core';
import { Migration } from '@mikro-orm/migrations';

/** In the order they run. A migration that has been released is never changed: the next one is added. */
const names = [
  '001-schema',
  '002-rules',
  '003-walls',
  '004-accept',
  '005-claim',
  '006-real-invoices',
  '007-limits',
  '008-hand-over',
  '009-quota',
  '010-pauses',
  '011-accept',
  '012-dispatch',
  '013-dead-letters',
  '014-list',
];

export const migrations: MigrationObject[] = names.map((name) => ({ name, class: sqlMigration(name) }));

/** Each migration is an SQL file that a person can read and run. */
function sqlMigration(name: string): Constructor<Migration> {
  return class extends Migration {
    override up(): void {
      this.addSql(readFileSync(new URL(`migrations/${name}.sql`, import.meta.url), 'utf8'));
    }
  };
}

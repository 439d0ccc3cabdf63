import { type Config, readConfig } from '../config.ts';
import { asId, type TenantId } from '../domain/ids.ts';
import { type Foundation, layFoundation } from '../foundation.ts';
import { makeLog } from '../log.ts';
import { findTenant } from '../store/tenants.ts';
import { CommandFailed } from './command.ts';

/** Does a command's work on the database of the environment, beside a running service or without one. */
export async function onFoundation<T>(work: (foundation: Foundation, config: Config) => Promise<T>): Promise<T> {
  const config = readConfig();
  const foundation = await layFoundation(config, makeLog(config.logLevel), { sandbox: false });
  try {
    return await work(foundation, config);
  } finally {
    await foundation.stop();
  }
}

/** The tenant that a person named. Throws CommandFailed when there is none. */
export async function tenantNamed({ service }: Foundation, ref: string): Promise<{ id: TenantId; ref: string }> {
  const tenant = await findTenant(service, ref);
  if (!tenant) throw new CommandFailed(`there is no tenant "${ref}"`);
  return { id: asId('tenant', tenant.id), ref };
}

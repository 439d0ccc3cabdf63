import type { Logger } from 'pino';
import type { Config } from './config.ts';
import { withoutText } from './error-facts.ts';
import type { Foundation } from './foundation.ts';
import { asId } from './domain/ids.ts';
import { ensureApiKey } from './store/api-keys.ts';
import { keepHouse } from './store/housekeeping.ts';
import { anyOperator, createOperator, createSignInLink, OperatorExists } from './store/operators.ts';
import { createTenant, findTenant, TenantExists } from './store/tenants.ts';

const linkMinutes = 60;
/** PostgreSQL's lock timeout, and its statement timeout. */
const waitedTooLong = new Set(['55P03', '57014']);

/**
 * What a first start leaves behind: the tenant and key of the environment, an operator, the months' partitions.
 * Safe to run at every start, and in two processes at once.
 * @returns the token of a one-time sign-in link when there was no operator yet and none is configured.
 */
export async function makeReady(config: Config, foundation: Foundation, log: Logger): Promise<string | undefined> {
  await keepHouse(foundation.service, foundation.clock.now()).catch((error: unknown) => {
    const facts = withoutText(error);
    if (!waitedTooLong.has(facts.code ?? '')) throw error;
    // Somebody reads or writes the events for long; the reconciler does the same every hour, two months ahead.
    log.warn({ part: 'housekeeping', error: facts }, 'put off: a lock was not to be had');
  });
  await bootstrapTenant(config, foundation);
  return config.roles.has('api') ? firstOperator(config, foundation) : undefined;
}

async function bootstrapTenant(config: Config, { service, clock }: Foundation): Promise<void> {
  if (!config.bootstrap) return;
  const { tenant: ref, plan, apiKey } = config.bootstrap;
  if (!(await findTenant(service, ref))) {
    await createTenant(service, clock, { ref, name: ref, plan }).catch((error: unknown) => {
      // Another process made it at the same moment.
      if (!(error instanceof TenantExists)) throw error;
    });
  }
  const tenant = await findTenant(service, ref);
  if (!tenant) throw new Error('the bootstrap tenant was not made');
  await ensureApiKey(service, clock, { tenant: asId('tenant', tenant.id), name: 'bootstrap', secret: apiKey });
}

async function firstOperator(config: Config, { api, clock }: Foundation): Promise<string | undefined> {
  if (await anyOperator(api)) return undefined;
  const first = config.admin ?? { email: 'admin@sollecito.localhost' };
  const operator = await createOperator(api, clock, { ...first, role: 'admin' }).catch((error: unknown) => {
    // Another process made it at the same moment: it has the link.
    if (error instanceof OperatorExists) return undefined;
    throw error;
  });
  return operator && !config.admin ? createSignInLink(api, clock, operator, linkMinutes) : undefined;
}

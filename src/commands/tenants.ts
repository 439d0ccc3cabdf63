import { createTenant, setPlan, UnknownPlan } from '../store/tenants.ts';
import { CommandFailed, WrongUse } from './command.ts';
import { onFoundation } from './on-foundation.ts';

/** `sollecito tenants create`. Prints the ref alone on stdout, what it means on stderr. */
export async function createTenantByHand(tenant: {
  name: string;
  plan: string;
  ref: string | undefined;
}): Promise<number> {
  const { name, plan, ref } = tenant;
  if (ref !== undefined && (ref === '' || ref.length > 128 || /\p{Cc}/u.test(ref))) {
    throw new WrongUse('--ref takes 1 to 128 characters');
  }
  return onFoundation(async ({ service, clock }) => {
    const wanted = { name, plan, ...(ref === undefined ? {} : { ref }) };
    const made = await createTenant(service, clock, wanted).catch(asWrongUse);
    process.stderr.write(`Made the tenant ${JSON.stringify(name)} on the plan ${plan}. Its ref:\n`);
    process.stdout.write(`${made.ref}\n`);
    return 0;
  });
}

/** `sollecito tenants set-plan`. */
export async function setPlanByHand(ref: string, plan: string): Promise<number> {
  return onFoundation(async ({ service, clock }) => {
    if (!(await setPlan(service, clock, ref, plan).catch(asWrongUse)))
      throw new CommandFailed(`there is no tenant "${ref}"`);
    process.stdout.write(`${ref} is on the plan ${plan}\n`);
    return 0;
  });
}

// Which plans there are only the database knows; that it is none of them is the caller's mistake all the same.
function asWrongUse(error: unknown): never {
  throw error instanceof UnknownPlan ? new WrongUse(error.message) : error;
}

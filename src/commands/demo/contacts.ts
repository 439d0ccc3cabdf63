import { z } from 'zod';
import { parseMobile } from '../../domain/phone.ts';
import type { ApiClient } from './api-client.ts';

const customer = z.object({
  ref: z.string(),
  name: z.string(),
  email: z.array(z.string()),
  phone: z.array(z.string()),
});
type Customer = z.output<typeof customer>;

/** How many customers got something made up, and an example of it. */
export type MadeContacts = { email: number; phone: number; example: string | undefined };

/** Gives every customer that lacks an address or a mobile number one of its own: nobody's, and only for the sandbox. */
export async function makeContacts(api: ApiClient): Promise<MadeContacts> {
  const customers = await api.all('/v1/customers?sort=name', customer);
  const taken = new Set(customers.flatMap(({ email, phone }) => [...email, ...phone]));
  const made: MadeContacts = { email: 0, phone: 0, example: undefined };
  for (const [index, each] of customers.entries()) {
    const email = each.email.length > 0 ? undefined : freeAddress(each, taken);
    const phone = each.phone.some((number) => parseMobile(number, 'IT')) ? undefined : freeMobile(index, taken);
    if (email === undefined && phone === undefined) continue;
    const changes = {
      ...(email === undefined ? {} : { email: [email] }),
      ...(phone === undefined ? {} : { phone: [...each.phone, phone] }),
    };
    await api.send('PATCH', `/v1/customers/${encodeURIComponent(each.ref)}`, customer, { json: changes });
    made.email += email === undefined ? 0 : 1;
    made.phone += phone === undefined ? 0 : 1;
    made.example ??= [email, phone].filter((one) => one !== undefined).join(' and ');
  }
  return made;
}

// The domain is reserved: RFC 2606 §3 keeps `.example` out of the world's DNS.
function freeAddress({ ref }: Customer, taken: Set<string>): string {
  const plain = ref.replaceAll(/[^A-Za-z0-9-]+/g, '-').replaceAll(/^-+|-+$/g, '');
  const base = plain.toLowerCase().slice(0, 50) || 'customer';
  for (let number = 1; ; number++) {
    const address = `${base}${number === 1 ? '' : `-${number}`}@customers.example`;
    if (taken.has(address)) continue;
    taken.add(address);
    return address;
  }
}

// The form of an Italian mobile number; the sandbox is all that ever gets it.
function freeMobile(index: number, taken: Set<string>): string {
  for (let number = index + 1; ; number++) {
    const mobile = `+39351555${String(number % 10_000).padStart(4, '0')}`;
    if (taken.has(mobile)) continue;
    taken.add(mobile);
    return mobile;
  }
}

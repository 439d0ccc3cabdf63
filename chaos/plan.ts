import { planDisruptions, type Disruption } from './plan-disruptions.ts';
import { Random } from './random.ts';

export type Customer = { ref: string; email: string[]; phone: string[] };
export type DueDate = { ref: string; customer: string; ownPdf: boolean };
export type Tenant = {
  ref: string;
  policy: 'hold' | 'resend';
  customers: Customer[];
  dueDates: DueDate[];
};

/** A reminder that a client asks for; `afterMs`: not before so long after the asking. */
export type Wish = {
  key: string;
  tenant: string;
  customer: string;
  dueDates: string[];
  channel: 'email' | 'sms';
  to: string[] | null;
  attachDocument: boolean;
  afterMs: number | null;
};

/** What one client does at once. */
export type Step =
  | { kind: 'ask'; tenant: string; wishes: Wish[]; batch: boolean }
  | { kind: 'pay' | 'hold'; tenant: string; dueDate: string }
  | { kind: 'exclude'; tenant: string; customer: string }
  | { kind: 'cancel'; tenant: string; key: string };

export type Plan = { tenants: Tenant[]; steps: Step[]; disruptions: Disruption[] };

export type PlanOptions = {
  seed: string;
  reminders: number;
  backend: 'redis' | 'postgres';
  /** Null: as many disruptions as the number of reminders calls for. */
  minutes: number | null;
  timeScale: number;
};

/** Everything that will be asked for, changed and broken, in its order. The seed decides all of it. */
export function makePlan(options: PlanOptions): Plan {
  const random = new Random(`${options.seed} work`);
  const tenants = shares.map(({ ref, policy, part }) =>
    makeTenant(random, { ref, policy, dueDates: Math.max(3, Math.round(options.reminders * part * 0.7)) }),
  );
  const left = shares.map(({ part }) => Math.round(options.reminders * part));
  // The large one takes what the rounding leaves.
  left[0] = options.reminders - left.slice(1).reduce((sum, count) => sum + count, 0);
  return {
    tenants,
    steps: makeSteps(random, tenants, left),
    disruptions: planDisruptions(new Random(`${options.seed} disruptions`), options),
  };
}

const shares = [
  { ref: 'large', policy: 'hold', part: 0.6 },
  { ref: 'small-1', policy: 'hold', part: 0.12 },
  { ref: 'small-2', policy: 'hold', part: 0.1 },
  { ref: 'small-3', policy: 'hold', part: 0.06 },
  { ref: 'resending', policy: 'resend', part: 0.12 },
] as const;

function makeTenant(
  random: Random,
  { ref, policy, dueDates }: Pick<Tenant, 'ref' | 'policy'> & { dueDates: number },
): Tenant {
  const number = shares.findIndex((share) => share.ref === ref);
  const customers = Array.from({ length: Math.ceil(dueDates / 2) }, (_, n): Customer => {
    const email = [`c${n}@${ref}.example`, ...(random.chance(0.15) ? [`c${n}-office@${ref}.example`] : [])];
    return { ref: `c${n}`, email, phone: [`+39347${String(number * 1_000_000 + n).padStart(7, '0')}`] };
  });
  return {
    ref,
    policy,
    customers,
    dueDates: Array.from({ length: dueDates }, (_, n) => ({
      ref: `d${n}`,
      customer: `c${Math.floor(n / 2)}`,
      ownPdf: random.chance(0.12),
    })),
  };
}

function makeSteps(random: Random, tenants: readonly Tenant[], left: number[]): Step[] {
  const steps: Step[] = [];
  const asked = new Map<string, Wish[]>(tenants.map(({ ref }) => [ref, []]));
  let made = 0;
  while (left.some((count) => count > 0)) {
    const open = tenants.filter((_, n) => (left[n] ?? 0) > 0);
    const tenant = random.pick(open);
    const n = tenants.indexOf(tenant);
    const size = Math.min(left[n] ?? 0, sizeOfAsking(random));
    const wishes = Array.from({ length: size }, () => makeWish(random, tenant, `${tenant.ref}-${made++}`));
    left[n] = (left[n] ?? 0) - size;
    steps.push({ kind: 'ask', tenant: tenant.ref, wishes, batch: size > 1 });
    const before = asked.get(tenant.ref) ?? [];
    before.push(...wishes);
    // About one change for every ten reminders.
    for (let units = size; units > 0; units -= 10) {
      if (random.next() * 10 < Math.min(units, 10)) steps.push(makeChange(random, tenant, before));
    }
  }
  return steps;
}

function sizeOfAsking(random: Random): number {
  if (random.chance(0.7)) return 1;
  return random.chance(0.8) ? random.whole(5, 40) : random.whole(60, 200);
}

function makeWish(random: Random, tenant: Tenant, key: string): Wish {
  const due = random.pick(tenant.dueDates);
  const channel = random.chance(0.7) ? 'email' : 'sms';
  const siblings = tenant.dueDates.filter(({ customer }) => customer === due.customer).map(({ ref }) => ref);
  const rendered = random.chance(0.01);
  const consolidated = random.chance(0.05) && !rendered;
  const several = channel === 'email' && random.chance(0.12);
  const toCount = random.whole(2, 3);
  return {
    key,
    tenant: tenant.ref,
    customer: due.customer,
    dueDates: consolidated ? siblings : [due.ref],
    channel,
    to: several ? Array.from({ length: toCount }, (_, n) => `${key}-${n}@${tenant.ref}.example`) : null,
    attachDocument: rendered || (due.ownPdf && !consolidated),
    afterMs: random.chance(0.05) ? random.whole(1_000, 8_000) : null,
  };
}

function makeChange(random: Random, tenant: Tenant, asked: readonly Wish[]): Step {
  // What was asked for lately is what may still be on its way.
  const recent = random.pick(asked.slice(-60));
  const at = { tenant: tenant.ref };
  const drawn = random.next();
  if (drawn < 0.5) return { kind: 'pay', ...at, dueDate: recent.dueDates[0] ?? '' };
  if (drawn < 0.8) return { kind: 'cancel', ...at, key: recent.key };
  if (drawn < 0.95) return { kind: 'hold', ...at, dueDate: recent.dueDates[0] ?? '' };
  return { kind: 'exclude', ...at, customer: recent.customer };
}

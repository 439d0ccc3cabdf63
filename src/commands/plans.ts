import type { Channel } from '../domain/delivery-facts.ts';
import { listPlans, type Plan, type PlanLimit, setPlanLimits } from '../store/plans.ts';
import { WrongUse } from './command.ts';
import { onFoundation } from './on-foundation.ts';

/** `sollecito plans list`. One line a plan. */
export async function listPlansByHand(): Promise<number> {
  return onFoundation(async ({ service }) => {
    for (const plan of await listPlans(service)) process.stdout.write(`${inWords(plan)}\n`);
    return 0;
  });
}

const options = {
  total: { period: 'total', channel: null },
  monthly: { period: 'month', channel: null },
  'email-total': { period: 'total', channel: 'email' },
  'email-monthly': { period: 'month', channel: 'email' },
  'sms-total': { period: 'total', channel: 'sms' },
  'sms-monthly': { period: 'month', channel: 'sms' },
} as const satisfies Record<string, { period: PlanLimit['period']; channel: Channel | null }>;

type Options = { [name in keyof typeof options]?: string | undefined };

/** `sollecito plans set`. The limits that are given are all that the plan has. */
export async function setPlanLimitsByHand(key: string, given: Options): Promise<number> {
  if (!/^[a-z0-9-]{1,64}$/.test(key)) throw new WrongUse('NAME is of small letters, digits and hyphens, 64 at most');
  const limits = Object.entries(options).flatMap(([name, { period, channel }]): PlanLimit[] => {
    const count = new Map(Object.entries(given)).get(name);
    return count === undefined ? [] : [{ period, channel, limit: readCount(name, count) }];
  });
  return onFoundation(async ({ service, clock }) => {
    await setPlanLimits(service, clock, { key, limits });
    process.stdout.write(`${inWords({ key, limits })}\n`);
    return 0;
  });
}

function readCount(name: string, text: string): number {
  const count = Number(text);
  if (!/^\d+$/.test(text) || count > 1_000_000_000)
    throw new WrongUse(`--${name} takes a count of sends, not "${text}"`);
  return count;
}

/** `essential: 5 in all`, `basic: 500 a month, 50 a month by sms`, `large: no limit`. */
function inWords({ key, limits }: Plan): string {
  const each = limits.map(({ period, channel, limit }) => {
    const times = `${limit} ${period === 'total' ? 'in all' : 'a month'}`;
    return channel === null ? times : `${times} by ${channel}`;
  });
  return `${key}: ${each.length === 0 ? 'no limit' : each.join(', ')}`;
}

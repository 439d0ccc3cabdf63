import { command, type Command, required, WrongUse } from './command.ts';

const one = { least: 1, most: 1 };

/** What concerns tenants from outside: their plans, keys and limits, operators, pauses. In the order that `--help` shows. */
export const commandsOfPlatform: readonly Command[] = [
  command({
    name: 'tenants create',
    takes: 'NAME --plan PLAN [--ref REF]',
    summary: 'Makes a tenant; its ref follows from its name unless given',
    positionals: one,
    options: { plan: { type: 'string' }, ref: { type: 'string' } },
    run: async ({ values, positionals: [name] }) => {
      const { createTenantByHand } = await import('./tenants.ts');
      const tenant = { name: required(name, 'NAME'), plan: required(values.plan, '--plan'), ref: values.ref };
      return createTenantByHand(tenant);
    },
  }),
  command({
    name: 'tenants set-plan',
    takes: 'REF PLAN',
    summary: 'Puts a tenant on another plan; what it has used stays counted',
    positionals: { least: 2, most: 2 },
    run: async ({ positionals: [ref, plan] }) =>
      (await import('./tenants.ts')).setPlanByHand(required(ref, 'REF'), required(plan, 'PLAN')),
  }),
  command({
    name: 'plans list',
    takes: '',
    summary: 'Every plan with its limits',
    run: async () => (await import('./plans.ts')).listPlansByHand(),
  }),
  command({
    name: 'plans set',
    takes: 'NAME [--total N] [--monthly N] [--email-total N] [--email-monthly N] [--sms-total N] [--sms-monthly N]',
    summary: 'Gives a plan these limits and no other, at once for all who are on it; makes it when it is new',
    details: [
      '  --total N, --monthly N  so many reminders in all, or in a calendar month of the tenant; each limit binds',
      '  --email-…, --sms-…      of that channel alone',
      '',
      'Without an option the plan has no limit. What a tenant has used stays counted.',
    ],
    positionals: one,
    options: {
      total: { type: 'string' },
      monthly: { type: 'string' },
      'email-total': { type: 'string' },
      'email-monthly': { type: 'string' },
      'sms-total': { type: 'string' },
      'sms-monthly': { type: 'string' },
    },
    run: async ({ values, positionals: [name] }) =>
      (await import('./plans.ts')).setPlanLimitsByHand(required(name, 'NAME'), values),
  }),
  command({
    name: 'keys create',
    takes: '(--tenant REF [--scope SCOPE]… | --platform) [--name NAME] [--expires DATE]',
    summary: 'Makes an API key and prints its secret, once',
    details: [
      '  --tenant REF    the tenant whose key it is',
      '  --scope SCOPE   reminders:write, reminders:read, data:write, data:read, settings; several times; all without',
      '  --platform      for what concerns all tenants (/v1/admin/…), and for nothing of any of them',
      '  --expires DATE  the last day it works (UTC), or an instant such as 2030-01-31T12:00:00Z',
      '',
      'The secret alone goes to stdout: KEY=$(sollecito keys create --tenant rossi).',
    ],
    options: {
      tenant: { type: 'string' },
      scope: { type: 'string', multiple: true },
      platform: { type: 'boolean' },
      name: { type: 'string' },
      expires: { type: 'string' },
    },
    run: async ({ values: { tenant, scope = [], platform = false, name = 'cli', expires } }) => {
      if (platform && (tenant ?? scope[0]) !== undefined) {
        throw new WrongUse('--platform goes with neither --tenant nor --scope');
      }
      const { createKey } = await import('./keys.ts');
      return createKey({ tenant: platform ? null : required(tenant, '--tenant'), scopes: scope, name, expires });
    },
  }),
  command({
    name: 'operators create',
    takes: 'EMAIL --role ROLE [--password-file FILE]',
    summary: 'Makes somebody who may open the admin page, and prints a one-time sign-in link',
    details: [
      '  --role ROLE           admin, operator or viewer',
      '  --password-file FILE  a password of at least 10 characters instead of the link; - is stdin',
    ],
    positionals: one,
    options: { role: { type: 'string' }, 'password-file': { type: 'string' } },
    run: async ({ values, positionals: [email] }) => {
      const { createOperatorByHand } = await import('./operators.ts');
      const role = required(values.role, '--role');
      return createOperatorByHand({ email: required(email, 'EMAIL'), role, passwordFile: values['password-file'] });
    },
  }),
  command({
    name: 'pauses list',
    takes: '',
    summary: 'Every pause that counts now',
    run: async () => (await import('./pauses.ts')).listPausesByHand(),
  }),
  command({
    name: 'pauses add',
    takes: '[--tenant REF] [--channel C] [--provider P] [--until T] --reason TEXT',
    summary: 'Stops everything, or what the options narrow it to, and prints the id of the pause',
    details: [
      '  --channel C   email or sms',
      '  --provider P  smtp or smsapi',
      '  --until T     an instant such as 2030-01-31T12:00:00Z; without, until it is lifted',
      '',
      'At once, over all processes. What is being handed over goes out, and is named on stderr.',
    ],
    options: {
      tenant: { type: 'string' },
      channel: { type: 'string' },
      provider: { type: 'string' },
      until: { type: 'string' },
      reason: { type: 'string' },
    },
    run: async ({ values: { tenant, channel, provider, until, reason } }) => {
      const { addPauseByHand } = await import('./pauses.ts');
      return addPauseByHand({ tenant, channel, provider, until, reason: required(reason, '--reason') });
    },
  }),
  command({
    name: 'pauses lift',
    takes: 'ID',
    summary: 'Ends a pause; what waited because of it is due at once',
    positionals: one,
    run: async ({ positionals: [id] }) => (await import('./pauses.ts')).liftPauseByHand(required(id, 'ID')),
  }),
  command({
    name: 'limits list',
    takes: '',
    summary: 'Every limit with what is used of it, and the recipient domains that are slowed',
    run: async () => (await import('./limits.ts')).listLimitsByHand(),
  }),
  command({
    name: 'limits set',
    takes: '(--tenant REF --channel C | --provider P | --domain D) [--per-second N] [--per-minute N] [--per-day N] …',
    summary: 'Limits what may be handed over, at once and over all processes; leaves the limits that are not given',
    details: [
      '  --tenant REF --channel C  a tenant, by email or sms',
      '  --provider P              the account of smtp or smsapi',
      '  --domain D                a recipient domain',
      '  --per-second N …          none takes the limit away',
      '  --connections N           of a domain: hand-overs at once',
      '  --weight N                of a tenant: how many deliveries it may send in one round of turns (1)',
    ],
    options: {
      tenant: { type: 'string' },
      channel: { type: 'string' },
      provider: { type: 'string' },
      domain: { type: 'string' },
      'per-second': { type: 'string' },
      'per-minute': { type: 'string' },
      'per-day': { type: 'string' },
      connections: { type: 'string' },
      weight: { type: 'string' },
    },
    run: async ({ values: { tenant, channel, provider, domain, ...given } }) =>
      (await import('./limits.ts')).setLimitsByHand({ tenant, channel, provider, domain }, given),
  }),
];

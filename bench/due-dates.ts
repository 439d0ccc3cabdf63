import { Client } from 'pg';
import { contacts } from '../src/store/due-date-list-filter.ts';
import { dueDateStatuses } from '../src/domain/due-date.ts';
import { fillLedger } from './due-dates-stock.ts';
import { type Figure, figureOf } from './figure.ts';
import { percentile } from './percentile.ts';
import { Service } from './service.ts';
import type { Stage } from './stage.ts';

const size = { tenants: 200, dueDates: 1_000_000, largest: 200_000, events: 3_000_000 };
const requestsEach = 60;
const most = 50;

/** How long the list of due dates takes for the largest of 200 tenants, page by page, each filter alone and the usual two together. */
export async function dueDates(stage: Stage): Promise<Figure[]> {
  const url = await stage.migratedDatabase('due_dates');
  const service = await Service.start(stage, 'due-dates', {
    DATABASE_URL: url,
    SOLLECITO_ROLES: 'api',
    // Nothing is sent here; without a server the email channel would be off.
    SMTP_URL: 'smtp://127.0.0.1:9',
  });
  stage.say(`due dates: putting ${size.dueDates} and ${size.events} events into the database`);
  const today = Temporal.Now.plainDateISO('Europe/Rome');
  const client = new Client({ connectionString: url });
  await client.connect();
  stage.keep(async () => client.end());
  await fillLedger(client, size, 'bench', today.toString());
  const measured: { name: string; p95: number }[] = [];
  for (const [name, queries] of Object.entries(lists(today))) {
    stage.say(`due dates, ${name}`);
    measured.push({ name, p95: await p95(service, queries) });
  }
  measured.sort((a, b) => b.p95 - a.p95);
  stage.say('due dates, summary');
  const summaries = [['', 'all'] as const, ['status=overdue', 'overdue'] as const];
  const summary: string[] = [];
  for (const [query, name] of summaries) {
    summary.push(`${name} ${(await p95(service, [query], '/summary', 20)).toFixed(0)}`);
  }
  return [
    figureOf(
      {
        name: 'the slowest filter of the list of due dates, p95',
        unit: 'ms',
        against: `at most ${most}`,
        better: 'less',
        target: { of: 'ratio', atLeast: 1 },
        note: `${measured.map(({ name, p95 }) => `${name} ${p95.toFixed(1)}`).join(', ')}; the summary of ${summary.join(', of ')}`,
      },
      [{ ours: measured[0]?.p95 ?? NaN, theirs: most }],
    ),
  ];
}

/** What is asked for, by what it shows; where there are several they take turns. */
function lists(today: Temporal.PlainDate): Record<string, string[]> {
  const day = (days: number): string => today.add({ days }).toString();
  const hoursAgo = (hours: number): string => Temporal.Now.instant().subtract({ hours }).toString();
  const numbers = (each: (n: number) => string): string[] => Array.from({ length: 20 }, (_, n) => each(1 + n * 997));
  const sixDigits = (n: number): string => String(n).padStart(6, '0');
  return {
    'no filter': [''],
    direction: ['direction=receivable', 'direction=payable'],
    ...Object.fromEntries(dueDateStatuses.map((status) => [`status=${status}`, [`status=${status}`]])),
    customer: numbers((n) => `customer=CL-${sixDigits(n)}`),
    dueFrom: [`dueFrom=${day(-30)}`, `dueFrom=${day(100)}`],
    dueTo: [`dueTo=${day(0)}`, `dueTo=${day(-700)}`],
    minAmount: ['minAmount=1000', 'minAmount=30000', 'minAmount=1000000'],
    'q, a document': numbers((n) => `q=${encodeURIComponent(`/${sixDigits(n)}`)}`),
    'q, a ref': numbers((n) => `q=SC-0${sixDigits(n)}`),
    'q, a name': ['q=Fonderie%20Rossi', 'q=Pellegrini', 'q=Anna%20Ferretti', 'q=colombo'],
    'q, in many': ['q=2025', 'q=S.r.l.', 'q=o', 'q=FT', 'q=00'],
    'q, in the newest alone': [
      `q=${encodeURIComponent(`/${today.year}/`)}`,
      `q=${encodeURIComponent(`/${today.year}/0001`)}`,
    ],
    'q, in none': ['q=nowhere', 'q=zz', 'q=Fonderie%20Nowhere'],
    reminded: ['reminded=true', 'reminded=false'],
    ...Object.fromEntries(contacts.map((contact) => [`contact=${contact}`, [`contact=${contact}`]])),
    updatedSince: [1, 24, 24 * 60].map((hours) => `updatedSince=${hoursAgo(hours)}`),
    'to come in': ['direction=receivable&status=future'],
    'to be reminded of': ['status=overdue&reminded=false'],
  };
}

async function p95(service: Service, queries: readonly string[], below = '', count = requestsEach): Promise<number> {
  const took: number[] = [];
  // The first of each is for plans and caches.
  for (let n = -queries.length; n < count; n += 1) {
    const query = queries.at(n % queries.length) ?? '';
    const begun = performance.now();
    await service.call('GET', `/v1/due-dates${below}?${query}`);
    if (n >= 0) took.push(performance.now() - begun);
  }
  return percentile(took, 0.95);
}

import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { migrateQueue } from '../src/queue/queue-backend.ts';
import { migrate } from '../src/store/migrate.ts';
import { timings } from '../src/timings.ts';
import { ApiClient } from './client.ts';
import { Disrupter } from './disrupt.ts';
import { EndingWatch } from './ending.ts';
import { Fleet } from './fleet.ts';
import { furnish, makeTenants } from './furnish.ts';
import { Outside } from './outside.ts';
import { loseDatabase } from './loss.ts';
import { makePlan, type Plan, type PlanOptions } from './plan.ts';
import { Postgres } from './postgres.ts';
import { Redis } from './redis.ts';
import type { Outcome } from './report.ts';
import { isSound, judgeRun, type Evidence } from './verdict.ts';
import { Work } from './work.ts';

export type RunOptions = PlanOptions & {
  /** Logs, the ledger and, when something is wrong, `violations.json`. Emptied first. */
  folder: string;
  say: (line: string) => void;
  /** Ends it early: everything that was started is stopped. */
  signal: AbortSignal;
};

/** One whole run: starts everything, breaks it, waits until all has ended, judges. */
export async function run(options: RunOptions): Promise<Outcome> {
  const ends: (() => Promise<unknown>)[] = [];
  const keep = <T extends { stop(): Promise<unknown> }>(part: T): T => {
    ends.push(async () => part.stop());
    return part;
  };
  try {
    rmSync(options.folder, { recursive: true, force: true });
    mkdirSync(options.folder, { recursive: true });
    return await onStage(await setStage(options, keep), options);
  } finally {
    for (const end of ends.reverse()) await end().catch((error: unknown) => options.say(String(error)));
  }
}

type Stage = {
  plan: Plan;
  postgres: Postgres;
  redis: Redis | undefined;
  outside: Outside;
  fleet: Fleet;
  client: ApiClient;
  keys: Map<string, string>;
};

async function setStage(
  { folder, say, signal, ...options }: RunOptions,
  keep: <T extends { stop(): Promise<unknown> }>(part: T) => T,
): Promise<Stage> {
  const { seed, timeScale, backend } = options;
  say('starting PostgreSQL, the queue, the providers');
  const plan = makePlan(options);
  const postgres = keep(await Postgres.start(folder));
  const redis = backend === 'redis' ? keep(await Redis.start(path.join(folder, 'redis'))) : undefined;
  const outside = keep(await Outside.start({ seed, timeScale, ledger: path.join(folder, 'ledger.jsonl') }));
  const queueUrl = redis?.url ?? postgres.url;
  await migrate(postgres.url, async () => migrateQueue(queueUrl));
  const drainMs = Math.round(25_000 * timeScale);
  const fleet = keep(
    new Fleet({
      folder,
      drainMs,
      environment: {
        ...outside.environment,
        DATABASE_URL: postgres.url,
        QUEUE_URL: queueUrl,
        SOLLECITO_DATA_DIR: path.join(folder, 'data'),
        SOLLECITO_SANDBOX: '0',
        SOLLECITO_TIME_SCALE: String(timeScale),
        SECRET_KEYS: randomBytes(32).toString('hex'),
        MAIL_FROM: 'Officine <reminders@chaos.example>',
        ADMIN_EMAIL: 'admin@chaos.example',
        ADMIN_PASSWORD: randomBytes(16).toString('hex'),
        SEND_TIMEOUT_MS: String(sendTimeoutMs(timeScale)),
        DRAIN_TIMEOUT_MS: String(drainMs),
        // Seven processes with two pools each, and their queues': within the 200 of the embedded server.
        DB_POOL_MAX: '6',
        EMAIL_CONCURRENCY: '6',
        SMS_CONCURRENCY: '3',
        DOCUMENT_CONCURRENCY: '1',
        LOG_LEVEL: 'warn',
      },
    }),
  );
  say('starting 2 APIs, 2 dispatchers, 3 workers');
  const keys = await makeTenants(postgres.url, plan);
  await fleet.start();
  const client = new ApiClient(fleet.urls(), signal);
  say(`making ${plan.tenants.length} tenants`);
  await furnish(client, keys, plan);
  return { plan, postgres, redis, outside, fleet, client, keys };
}

async function onStage(stage: Stage, options: RunOptions): Promise<Outcome> {
  const { plan, postgres, outside, fleet, client, keys } = stage;
  const { say, minutes, timeScale, seed, backend } = options;
  const turn = timings(timeScale);
  const forMs = minutes === null ? null : minutes * 60_000;
  const disrupter = new Disrupter(plan.disruptions, stage, say);
  const work = new Work(plan, { client, keys, forMs, batchSent: (url) => disrupter.batchSent(url) });
  const watch = new EndingWatch(() => postgres.url, turn.resendGraceMs + 5 * turn.reconcileEveryMs + 3_000);
  say(`${options.reminders} reminders, ${plan.disruptions.length} blows, seed ${seed}`);
  const begun = performance.now();
  const failed = new AbortController();
  const signal = AbortSignal.any([options.signal, failed.signal]);
  await Promise.all([work.run(), breakThings({ work, watch, disrupter, forMs, signal })]).finally(() => failed.abort());
  await disrupter.end();
  const calmAt = performance.now();
  await outside.calm();
  say('calm: waiting until all has ended');
  const patience = { mostMs: 10 * turn.retryLongestMs, idleMs: 10 * turn.strandedAfterMs, signal: options.signal };
  await watch.wait(patience, ({ open, ended }) => say(`${ended} have ended, ${open} are open`));
  const seconds = (performance.now() - begun) / 1_000;
  const secondsToSettle = (performance.now() - calmAt) / 1_000;
  const loss = await loseDatabase({ plan, outside, fleet, client, keys, watch, folder: options.folder, patience, say });
  const ledger = await outside.ledger();
  const gone = new Set(loss.gone.flatMap(({ wish }) => wish.to ?? []));
  const evidence: Evidence = {
    told: { ...work.told, accepted: [...work.told.accepted, ...loss.open] },
    rows: await watch.rows(),
    ...ledger,
    // Who was reminded after the backup was: their reminders are gone with the database.
    taken: ledger.taken.filter(({ recipient }) => !gone.has(recipient)),
    restored: new Set(loss.open.map(({ id }) => id)),
    stops: fleet.stops,
    falls: postgres.falls,
    sendTimeoutMs: sendTimeoutMs(timeScale),
    leaseMs: sendTimeoutMs(timeScale) + turn.leaseGraceMs,
  };
  const verdict = judgeRun(evidence, loss.undecided);
  if (!isSound(verdict)) await keepCase({ evidence, watch, disrupter, folder: options.folder }, verdict);
  return {
    seed,
    backend,
    verdict,
    refused: Object.fromEntries(work.told.refused),
    loss: { open: loss.open.length, unknown: loss.unknown, gone: loss.gone.length },
    dealt: disrupter.dealt.map(({ blow }) => blow),
    endedByThemselves: fleet.stops.filter(({ how }) => how === 'by itself').length,
    withoutAnswer: Object.fromEntries(client.lost),
    seconds,
    secondsToSettle,
  };
}

type Breaking = { work: Work; watch: EndingWatch; disrupter: Disrupter; forMs: number | null; signal: AbortSignal };

/** Should nothing come forward for so long (an outage, long pauses), the next blow is dealt all the same. */
const longestLullMs = 10_000;

/** Deals the blows as accepting and ending (or the time) go on, until all are dealt. */
async function breakThings({ work, watch, disrupter, forMs, signal }: Breaking): Promise<void> {
  const begun = performance.now();
  let furthest = { progress: -1, at: begun };
  while (disrupter.next !== undefined) {
    signal.throwIfAborted();
    const progress = forMs === null ? await progressOf(work, watch) : (performance.now() - begun) / forMs;
    if (progress > furthest.progress + 0.001) furthest = { progress, at: performance.now() };
    const lull = performance.now() - furthest.at > longestLullMs;
    if (lull) furthest.at = performance.now();
    disrupter.reached(lull ? Math.max(progress, disrupter.next) : progress);
    await pause(100);
  }
}

async function progressOf(work: Work, watch: EndingWatch): Promise<number> {
  const accepted = work.progress();
  const ending = await watch.look();
  const all = (ending?.open ?? 0) + (ending?.ended ?? 0);
  return (accepted + (all === 0 ? 0 : (accepted * (ending?.ended ?? 0)) / all)) / 2;
}

/** What a person needs to find the cause. The data are no real ones. */
async function keepCase(
  {
    evidence,
    watch,
    disrupter,
    folder,
  }: { evidence: Evidence; watch: EndingWatch; disrupter: Disrupter; folder: string },
  { violations }: ReturnType<typeof judgeRun>,
): Promise<void> {
  const words = JSON.stringify(violations);
  const reminders = [...new Set(words.match(/rem_[0-9a-z]{26}/g))].slice(0, 50);
  const deliveries = new Set(
    evidence.rows.filter(({ reminder }) => reminders.includes(reminder)).map(({ delivery }) => delivery),
  );
  const about = {
    violations,
    stories: await watch.stories(reminders),
    exchanges: evidence.exchanges.filter(({ delivery }) => deliveries.has(delivery ?? '')),
    stopped: evidence.told.stopped.filter(({ what }) => words.includes(what)),
    stops: evidence.stops,
    dealt: disrupter.dealt,
  };
  writeFileSync(path.join(folder, 'violations.json'), JSON.stringify(about, null, 2));
}

function sendTimeoutMs(timeScale: number): number {
  return Math.max(500, Math.round(30_000 * timeScale));
}

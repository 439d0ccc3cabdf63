import { afterEach, describe, expect, test } from 'vitest';
import { type BackendKind, isMissing } from './support/queue-machine.ts';
import { Fleet, type Started } from './support/fleet.ts';
import { patience } from './support/service.ts';

const count = 300;
const roles = ['api', 'api', 'dispatcher', 'dispatcher', 'worker:email', 'worker:email'] as const;

let fleet: Fleet | undefined;
afterEach(async () => {
  await fleet?.stop();
  fleet = undefined;
});

/** Posts reminders over whichever API answers, each until it is accepted, under one key. */
async function load(all: Fleet, apis: () => readonly Started[]): Promise<void> {
  const left = Array.from({ length: count }, (_, n) => n + 1);
  const client = async (): Promise<void> => {
    for (let n = left.pop(); n !== undefined; n = left.pop()) {
      for (let turn = 0, status = 0; status !== 202; turn++) {
        const running = apis();
        status = await all.remind(running[turn % running.length]?.url ?? '', `d${n}`, `key ${n}`);
        expect([0, 202, 409, 503]).toContain(status);
      }
    }
  };
  await Promise.all([client(), client(), client()]);
}

describe.each(['postgres', 'redis'] as BackendKind[])('with a queue in %s', (kind) => {
  test.skipIf(isMissing(kind))('a rolling restart under load loses nothing and sends nothing twice', async () => {
    const all = await Fleet.create(kind, { redisDatabase: 9 });
    fleet = all;
    const running = await Promise.all(
      roles.map(async (role) => ({ role: role as string, process: await all.start(role) })),
    );
    const apis = (): Started[] => running.filter(({ role }) => role === 'api').map(({ process }) => process);
    await all.seed(apis()[0]?.url ?? '', count);
    const loaded = load(all, apis);
    // Something has been sent, and much is still to be.
    await expect.poll(() => all.smtp.messages.length, patience).toBeGreaterThan(10);
    for (const place of running) {
      const old = place.process;
      place.process = await all.start(place.role);
      expect(await old.end(), old.log()).toBe(0);
    }
    const sentMeanwhile = all.smtp.messages.length;
    await loaded;
    await expect.poll(() => all.fates(), { ...patience, timeout: 60_000 }).toEqual({ sent: count });
    expect(all.smtp.messages).toHaveLength(count);
    expect(all.smtp.taken.size).toBe(count);
    expect(sentMeanwhile).toBeLessThanOrEqual(count);
  });
});

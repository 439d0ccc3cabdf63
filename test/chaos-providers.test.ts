import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import * as fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { calmed, faultFor, type Mix, roughMix } from '../chaos/providers/faults.ts';
import { countsSchema, ledgerEntrySchema, ledgerSchema, readySchema } from '../chaos/providers/ledger.ts';
import { Providers } from '../chaos/providers/providers.ts';
import { control, delivery, email, endAll, ended, ends, received, sms, world } from './support/outside.ts';

afterEach(endAll);

describe('the draw', () => {
  const draw = fc.record({
    seed: fc.string(),
    place: fc.constant('message' as const),
    key: fc.string(),
    attempt: fc.integer({ min: 1, max: 50 }),
  });
  const final = ['rcpt-550', 'data-554', 'dot-554'];

  test('gives the same fault for the same seed, key and attempt, and another run for another seed', () => {
    fc.assert(
      fc.property(draw, (one) => {
        expect(faultFor(one, roughMix.message)).toBe(faultFor({ ...one }, roughMix.message));
      }),
    );
    const run = (seed: string): string[] =>
      Array.from({ length: 100 }, (_, i) => faultFor({ seed, place: 'sms', key: `k${i}`, attempt: 1 }, roughMix.sms));
    expect(run('one')).toEqual(run('one'));
    expect(run('one')).not.toEqual(run('two'));
  });

  test('refuses for good at each attempt, calm or not, or at none', () => {
    const mix = { ...roughMix, message: [...roughMix.message, ['rcpt-550', 60]] } as Mix;
    const seen = new Set<boolean>();
    fc.assert(
      fc.property(draw, (one) => {
        const fates = [1, 2, 9].map((attempt) => faultFor({ ...one, attempt }, mix.message));
        const calm = faultFor(one, calmed(mix).message);
        const refused = final.includes(calm);
        seen.add(refused);
        if (refused) expect(new Set([...fates, calm]).size).toBe(1);
        else expect([calm, ...fates.filter((fate) => final.includes(fate))]).toEqual(['ordinary']);
      }),
    );
    expect(seen.size).toBe(2);
  });

  test('comes close to the weights, and lets most through at the first try', () => {
    const faults = Array.from({ length: 20_000 }, (_, i) =>
      faultFor({ seed: 's', place: 'message', key: `${i % 5_000}@example.it`, attempt: 1 + (i % 4) }, roughMix.message),
    );
    const total = roughMix.message.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [name, weight] of roughMix.message) {
      const share = faults.filter((fault) => fault === name).length / faults.length;
      expect(Math.abs(share - weight / total)).toBeLessThan(0.015);
    }
  });
});

describe('phases', () => {
  test('down refuses connections and cuts off what is under way; up takes them on the same port', async () => {
    const { providers, smtpPort, smsapiPort, controlPort } = await world(
      { message: [['silence-lost', 1]], sms: [['silence-taken', 1]] },
      { scale: 1 },
    );
    const cutOff = [email(smtpPort), sms(smsapiPort)];
    await expect.poll(() => providers.book.exchanges.map(({ reached }) => reached)).toEqual(['received', 'received']);
    for (const channel of ['email', 'sms']) await control(controlPort, '/phase', { channel, phase: 'down' });
    expect(await Promise.all(cutOff)).toEqual(['none', 'none']);
    for (const index of [0, 1]) expect(await ended(providers, index)).toMatchObject({ end: 'dropped', answer: null });
    expect(providers.book.exchanges.map(({ phase }) => phase)).toEqual(['down', 'down']);
    expect(await email(smtpPort)).toBe('none');
    expect(await sms(smsapiPort)).toBe('none');
    expect(providers.book.exchanges).toHaveLength(2);
    await control(controlPort, '/calm', {});
    expect(await email(smtpPort)).toBe(250);
    expect(await sms(smsapiPort, { idx: `${delivery}-1` })).toMatchObject({ status: 200, body: { count: 1 } });
    expect(await control(controlPort, '/health')).toMatchObject({ ok: true, phases: { email: 'up', sms: 'up' } });
  });

  test('slow answers everything, each answer later', async () => {
    const { providers, smtpPort, smsapiPort } = await world({});
    for (const channel of ['email', 'sms'] as const) await providers.turn(channel, 'slow');
    expect(await email(smtpPort)).toBe(250);
    expect(await sms(smsapiPort)).toMatchObject({ status: 200 });
    expect(providers.book.exchanges.map(({ phase, taken }) => [phase, taken])).toEqual([
      ['slow', true],
      ['slow', true],
    ]);
  });

  test('slow makes an impatient client leave', async () => {
    const { providers, smsapiPort } = await world({}, { scale: 1 });
    await providers.turn('sms', 'slow');
    expect(await sms(smsapiPort, { leave: received(providers) })).toBe('none');
    expect(await ended(providers)).toMatchObject({ end: 'left', answer: null, taken: true });
  });

  test('calm ends every fault but the refusals for good', async () => {
    const { providers, smtpPort } = await world({
      message: [
        ['dot-451', 1],
        ['rcpt-550', 1],
      ],
    });
    const all = Array.from({ length: 20 }, (_, i) => `r${i}@example.it`);
    const before = await Promise.all(all.map((to) => email(smtpPort, { to })));
    await providers.calm();
    const after = await Promise.all(all.map((to) => email(smtpPort, { to })));
    expect(new Set(before)).toEqual(new Set([451, 550]));
    expect(after).toEqual(before.map((code) => (code === 550 ? 550 : 250)));
  });

  test('an order that is none is refused', async () => {
    const { controlPort } = await world({});
    expect(await control(controlPort, '/phase', { channel: 'fax', phase: 'up' })).toBe(400);
    expect(await control(controlPort, '/elsewhere')).toBe(404);
  });
});

describe('the process', () => {
  async function folder(): Promise<string> {
    const made = await mkdtemp(path.join(os.tmpdir(), 'sollecito-providers-'));
    ends.push(() => rm(made, { recursive: true }));
    return made;
  }

  async function start(ledger: string) {
    const main = path.join(import.meta.dirname, '../chaos/providers/main.ts');
    const args = [main, '--seed', 'p', '--time-scale', '0.01', '--ledger', ledger];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    ends.push(async () => child.kill('SIGKILL'));
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    return { child, ...readySchema.parse(JSON.parse(line)) };
  }

  async function written(ledger: string) {
    const lines = (await readFile(ledger, 'utf8')).trimEnd().split('\n');
    return lines.map((line) => ledgerEntrySchema.parse(JSON.parse(line)));
  }

  test('serves, tells its ledger, keeps it in a file and ends at SIGTERM', async () => {
    const ledger = path.join(await folder(), 'ledger.jsonl');
    const { child, smtpPort, smsapiPort, controlPort } = await start(ledger);
    await control(controlPort, '/calm', {});
    const recipients = Array.from({ length: 30 }, (_, i) => `r${i}@example.it`);
    await Promise.all(recipients.map((to) => email(smtpPort, { to })));
    await sms(smsapiPort);
    const told = ledgerSchema.parse(await control(controlPort, '/ledger'));
    const counts = countsSchema.parse(await control(controlPort, '/ledger?counts'));
    expect(counts.email.taken + counts.sms.taken).toBe(told.taken.length);
    expect(counts.email.taken).toBeGreaterThan(20);
    const exit = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await exit).toEqual([0, null]);
    const entries = await written(ledger);
    expect(entries.filter(({ kind }) => kind === 'taken')).toEqual(told.taken);
    expect(entries.filter(({ kind }) => kind === 'exchange').toSorted(byId)).toEqual(told.exchanges);
  });

  test('loses nothing of what it answered when it is killed, and does not write into another run’s ledger', async () => {
    const ledger = path.join(await folder(), 'ledger.jsonl');
    const { child, smtpPort, controlPort } = await start(ledger);
    await control(controlPort, '/calm', {});
    const codes = await Promise.all(Array.from({ length: 20 }, (_, i) => email(smtpPort, { to: `k${i}@example.it` })));
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
    const taken = (await written(ledger)).filter(({ kind }) => kind === 'taken');
    expect(taken).toHaveLength(codes.filter((code) => code === 250).length);
    expect(taken.length).toBeGreaterThan(0);
    await expect(async () => new Providers({ seed: 'q', scale: 1, ledgerFile: ledger })).rejects.toThrow(/EEXIST/);
  });
});

function byId(a: { kind: string }, b: { kind: string }): number {
  return 'id' in a && 'id' in b ? Number(a.id) - Number(b.id) : 0;
}

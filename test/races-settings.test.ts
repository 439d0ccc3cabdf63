import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RaceTrack, type Racer } from './support/races.ts';

const ibans = ['IT60X0542811101000000123456', 'DE89370400440532013000'] as const;
const privateKey = generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' });
const template = { channel: 'email', locale: 'it' };

let track: RaceTrack;
beforeAll(async () => {
  track = await RaceTrack.start(async (service, { key }) => {
    const put = async (path: string, body: unknown) =>
      expect((await service.call('PUT', path, { key, body })).status).toBe(201);
    await put('/v1/bank-accounts/usual', { holder: 'Usual 0', iban: ibans[0], default: true });
    await put('/v1/bank-accounts/other', { holder: 'Other 0', iban: ibans[1] });
    await put('/v1/bank-accounts/chosen', { holder: 'Chosen 0', iban: ibans[0] });
    await put('/v1/templates/overdue', { ...template, subject: 'One', text: 'One: {{ outstanding }}' });
    await put('/v1/templates/overdue', { ...template, subject: 'Two', text: 'Two: {{ outstanding }}' });
  });
});
afterAll(async () => {
  await track.stop();
});

describe('a thousand times against the claim, whatever is committed first wins:', { timeout: 180_000 }, () => {
  test('another version of a template, the one before it, ours again', async () => {
    const standing = [2, 1, null] as const;
    const after = (turn: number) => standing[(turn + 1) % standing.length] ?? null;
    const activate = async (racer: Pick<Racer, 'lane'>, version: number | null) =>
      track.ask(racer, 'POST', '/v1/templates/overdue/activate', { ...template, version });
    await track.run({
      prepare: async ([first]) => void (await activate(first ?? expect.fail('nobody'), 2)),
      change: async (racer) => activate(racer, after(racer.turn)),
      says: ({ turn }) => ({ before: { template: after(turn - 1) }, after: { template: after(turn) } }),
    });
  });

  test('an account that the due date names, which is another person’s now', async () => {
    const put = async (racer: Pick<Racer, 'lane'>, turn: number) =>
      track.ask(racer, 'PUT', '/v1/bank-accounts/chosen', { holder: `Holder ${turn}`, iban: ibans[0] });
    await track.run({
      dueDate: { bankAccount: 'chosen' },
      prepare: async ([first]) => void (await put(first ?? expect.fail('nobody'), 0)),
      change: async (racer) => put(racer, racer.turn + 1),
      says: ({ turn }) => ({ before: { holder: `Holder ${turn}` }, after: { holder: `Holder ${turn + 1}` } }),
    });
  });

  test('the usual account, which is another person’s now', async () => {
    const put = async (racer: Pick<Racer, 'lane'>, turn: number) =>
      track.ask(racer, 'PUT', '/v1/bank-accounts/usual', { holder: `Usual ${turn}`, iban: ibans[0], default: true });
    await track.run({
      prepare: async ([first]) => void (await put(first ?? expect.fail('nobody'), 0)),
      change: async (racer) => put(racer, racer.turn + 1),
      says: ({ turn }) => ({ before: { holder: `Usual ${turn}` }, after: { holder: `Usual ${turn + 1}` } }),
    });
  });

  test('another account that is the usual one', async () => {
    const refs = ['usual', 'other'] as const;
    const iban = (turn: number) => ibans[turn % 2 === 0 ? 0 : 1];
    const put = async (racer: Pick<Racer, 'lane'>, turn: number) =>
      track.ask(racer, 'PUT', `/v1/bank-accounts/${refs[turn % 2 === 0 ? 0 : 1]}`, {
        holder: 'Lane',
        iban: iban(turn),
        default: true,
      });
    await track.run({
      prepare: async ([first]) => void (await put(first ?? expect.fail('nobody'), 0)),
      change: async (racer) => put(racer, racer.turn + 1),
      says: ({ turn }) => ({ before: { iban: iban(turn) }, after: { iban: iban(turn + 1) } }),
    });
  });

  test('another sender', async () => {
    const patch = async (racer: Pick<Racer, 'lane'>, turn: number) =>
      track.ask(racer, 'PATCH', '/v1/tenant', { sender: { name: `Sender ${turn}` } });
    await track.run({
      prepare: async ([first]) => void (await patch(first ?? expect.fail('nobody'), 0)),
      change: async (racer) => patch(racer, racer.turn + 1),
      says: ({ turn }) => ({ before: { sender: `Sender ${turn}` }, after: { sender: `Sender ${turn + 1}` } }),
    });
  });

  test('another key to sign with', async () => {
    const put = async (racer: Pick<Racer, 'lane'>, turn: number) =>
      track.ask(racer, 'PUT', '/v1/tenant/dkim', { domain: 'rossi.example', selector: `s${turn}`, privateKey });
    await track.run({
      prepare: async ([first]) => void (await put(first ?? expect.fail('nobody'), 0)),
      change: async (racer) => put(racer, racer.turn + 1),
      says: ({ turn }) => ({ before: { selector: `s${turn}` }, after: { selector: `s${turn + 1}` } }),
    });
  });
});

import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import express from 'express';
import { createTransport } from 'nodemailer';
import pino from 'pino';
import { SMSAPI } from 'smsapi';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { answerProblems } from '../src/api/answer.ts';
import { requestLog } from '../src/api/request-facts.ts';
import { attachSandbox, Sandbox, type SandboxUrls } from '../src/embedded/sandbox.ts';

let dataDir: string;
let sandbox: Sandbox;
let urls: SandboxUrls;
let pages: string;
let stopPages: () => void;

beforeEach(async () => {
  dataDir = await mkdtemp(path.join(os.tmpdir(), 'sollecito-sandbox-'));
  sandbox = new Sandbox({ dataDir });
  urls = await sandbox.start();
  const log = pino({ level: 'silent' });
  const app = express().use(requestLog(log)).use('/sandbox', sandbox.router).use(answerProblems({ log }));
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  pages = `http://127.0.0.1:${(server.address() as AddressInfo).port}/sandbox`;
  stopPages = () => {
    server.close();
    server.closeAllConnections();
  };
});
afterEach(async () => {
  stopPages();
  await sandbox.stop();
  await rm(dataDir, { recursive: true });
});

// oxlint-disable-next-line typescript/no-explicit-any -- what it holds is what the tests look at
async function json(url: string): Promise<any> {
  const response = await fetch(pages + url);
  expect(response.status).toBe(200);
  return await response.json();
}

const asBrowser = (url: string) =>
  fetch(pages + url, { headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' } });

const email = {
  from: 'Rossi S.r.l. <fatture@rossi.example>',
  to: 'Anna Bianchi <anna@bianchi.example>',
  subject: 'Fattura 12 – perché no?',
  text: 'Gentile Anna,\nla fattura scade.',
  html: '<html><head><title>x</title></head><body><b>Gentile Anna</b><img src="cid:logo"><script>alert(1)</script></body></html>',
  attachments: [
    { filename: 'Fattura 12 è.pdf', content: Buffer.from('%PDF-1.7 …'), contentType: 'application/pdf' },
    { filename: 'list.csv', content: 'a;b' },
    { filename: 'logo.png', cid: 'logo', content: Buffer.from('89504e47', 'hex'), contentType: 'image/png' },
  ],
};

async function send(message: object = email, url = urls.smtpUrl): Promise<void> {
  const transport = createTransport(url);
  await transport.sendMail(message);
  transport.close();
}

describe('the sandbox inbox', () => {
  test('takes an email and lists it with what a program wants to know', async () => {
    await send();
    expect(await json('/inbox')).toEqual([
      {
        id: expect.any(String) as string,
        from: '"Rossi S.r.l." <fatture@rossi.example>',
        to: ['anna@bianchi.example'],
        subject: 'Fattura 12 – perché no?',
        date: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) as string,
        attachments: [
          { name: 'Fattura 12 è.pdf', bytes: 12 },
          { name: 'list.csv', bytes: 3 },
        ],
      },
    ]);
    expect(sandbox.counts()).toEqual({ inbox: 1, sms: 0 });
  });

  test('shows the newest first, as many as are asked for', async () => {
    for (const subject of ['one', 'two', 'three']) await send({ ...email, subject });
    const subjects = (list: { subject: string }[]) => list.map(({ subject }) => subject);
    expect(subjects(await json('/inbox'))).toEqual(['three', 'two', 'one']);
    expect(subjects(await json('/inbox?limit=1'))).toEqual(['three']);
  });

  test('gives the parts, the headers, the source and the attachments of an email', async () => {
    await send({ ...email, headers: { 'X-Twice': ['a', 'b'] } });
    const [{ id }] = await json('/inbox');
    const detail = await json(`/inbox/${id}`);
    expect(detail.html.trim()).toBe(email.html);
    expect(detail.text.trim()).toBe(email.text);
    expect(detail.headers).toMatchObject({ to: 'Anna Bianchi <anna@bianchi.example>', 'x-twice': ['a', 'b'] });
    expect(detail.envelope).toEqual({ from: 'fatture@rossi.example', to: ['anna@bianchi.example'] });
    expect(detail.raw).toContain('X-Twice: a');
    const pdf = await fetch(`${pages}/inbox/${id}/attachments/0`);
    expect(pdf.headers.get('content-type')).toBe('application/pdf');
    expect(pdf.headers.get('content-disposition')).toMatch(/^inline; .*filename\*=UTF-8''Fattura%2012%20%C3%A8\.pdf/);
    expect(await pdf.text()).toBe('%PDF-1.7 …');
    const list = await fetch(`${pages}/inbox/${id}/attachments/1`);
    expect(list.headers.get('content-disposition')).toMatch(/^attachment/);
  });

  test('accepts any login', async () => {
    await send(email, urls.smtpUrl.replace('smtp://', 'smtp://someone:something@'));
    expect(sandbox.counts().inbox).toBe(1);
  });

  test('what is not there is 404, told as everywhere', async () => {
    await send();
    const [{ id }] = await json('/inbox');
    for (const url of ['/inbox/nothing', `/inbox/${id}/attachments/2`, `/inbox/${id}/attachments/x`]) {
      const answer = await fetch(pages + url);
      expect(answer.status).toBe(404);
      expect(await answer.json()).toMatchObject({
        type: 'urn:sollecito:problem:not-found',
        detail: expect.stringMatching(/\S/) as string,
        requestId: answer.headers.get('x-request-id'),
      });
    }
  });
});

describe('the sandbox pages', () => {
  test('a browser gets a page, with everything escaped', async () => {
    await send({ ...email, subject: '<script>alert("subject")</script>' });
    const overview = await asBrowser('/inbox');
    expect(overview.headers.get('content-type')).toMatch(/^text\/html/);
    const policy = overview.headers.get('content-security-policy');
    const text = await overview.text();
    const style = /<style>(.*)<\/style>/s.exec(text)?.[1] ?? '';
    expect(policy).toMatch(/^default-src 'none'/);
    expect(policy).toContain(`'sha256-${createHash('sha256').update(style).digest('base64')}'`);
    expect(text).not.toContain('<script');
    expect(text).toContain('anna@bianchi.example');
    expect(await (await asBrowser('/')).text()).toBe(text);
  });

  test('an email is shown in a frame that runs nothing and loads nothing', async () => {
    await send();
    const [{ id }] = await json('/inbox');
    const page = await (await asBrowser(`/inbox/${id}`)).text();
    expect(page).toMatch(/<iframe[^>]* sandbox="allow-popups allow-popups-to-escape-sandbox"/);
    expect(page).not.toContain('<script');
    const frame = await fetch(`${pages}/inbox/${id}/html`);
    expect(frame.headers.get('content-security-policy')).toMatch(/^sandbox [^;]*; default-src 'none'/);
    expect(await frame.text()).toContain('<img src="data:image/png;base64,');
  });
});

describe('the SMSAPI look-alike', () => {
  const client = () => new SMSAPI('any-token', urls.smsapiUrl);

  test('takes a text from the official client and lists it', async () => {
    const text = 'La fattura 12 scade domani. '.repeat(8).trim();
    const reply = await client().sms.sendSms('+39 333 123 4567', text, { from: 'Rossi', idx: 'dlv-1', checkIdx: true });
    expect(reply).toMatchObject({
      count: 1,
      list: [
        { number: '393331234567', submittedNumber: '+39 333 123 4567', status: 'QUEUE', idx: 'dlv-1', points: 0.14 },
      ],
    });
    expect(await json('/sms')).toEqual([
      {
        id: reply.list[0]?.id,
        to: '+393331234567',
        from: 'Rossi',
        text,
        segments: 2,
        idx: 'dlv-1',
        date: expect.any(String) as string,
      },
    ]);
    expect(await (await asBrowser('/sms')).text()).toContain('+393331234567');
    expect(sandbox.counts()).toEqual({ inbox: 0, sms: 1 });
  });

  test('an idx is taken once when it is to be checked', async () => {
    const once = () => client().sms.sendSms('+393331234567', 'Ciao', { idx: 'dlv-1', checkIdx: true });
    await once();
    await expect(once()).rejects.toMatchObject({ name: 'MessageError', data: { error: 53 } });
    await client().sms.sendSms('+393331234567', 'Ciao', { idx: 'dlv-1' });
    expect(sandbox.counts().sms).toBe(2);
  });

  test.each([
    { why: 'no number', to: '+39 abc', text: 'Ciao', details: {}, error: 13 },
    { why: 'no text', to: '+393331234567', text: ' ', details: {}, error: 11 },
    { why: 'too many parts', to: '+393331234567', text: 'a'.repeat(161), details: { maxParts: 1 as const }, error: 12 },
  ])('$why is refused with the number $error', async ({ to, text, details, error }) => {
    await expect(client().sms.sendSms(to, text, details)).rejects.toMatchObject({ data: { error } });
    expect(sandbox.counts().sms).toBe(0);
  });

  test('no token is no entry', async () => {
    const response = await fetch(`${urls.smsapiUrl}/sms.do`, {
      method: 'POST',
      body: new URLSearchParams({ to: '1' }),
    });
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ error: 101 });
  });

  test('takes the form of a plain HTTP client, for several numbers', async () => {
    const response = await fetch(`${urls.smsapiUrl}/sms.do`, {
      method: 'POST',
      headers: { authorization: 'Bearer any' },
      body: new URLSearchParams({ to: '393331234567,12,0039333765432', message: 'Ciao', idx: 'a|b|c', check_idx: '1' }),
    });
    expect(await response.json()).toMatchObject({
      count: 2,
      list: [{ idx: 'a' }, { number: '39333765432', idx: 'c' }],
      invalid_numbers: [{ submitted_number: '12' }],
    });
  });
});

describe('a sandbox on a data folder', () => {
  test('is found by another process as long as it answers', async () => {
    expect(await attachSandbox(dataDir)).toEqual(urls);
    await sandbox.stop();
    expect(await attachSandbox(dataDir)).toBe(null);
  });

  test('comes back on the same ports', async () => {
    await sandbox.stop();
    const next = new Sandbox({ dataDir });
    expect(await next.start()).toEqual(urls);
    await next.stop();
    await next.stop();
  });
});
